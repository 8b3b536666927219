package org.fl4j.model;

import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.fl4j.weights.ModelWeights;
import org.jspecify.annotations.Nullable;

/**
 * Lends models to threads, so that a million clients need as many models as there are threads. A model is back in the
 * pool when the call that borrowed it returns, however long that takes: a client that missed its deadline keeps its
 * model until then.
 *
 * <p>Thread-safe.
 *
 * @param <M> the type of model
 */
public final class ModelPool<M extends Model<?>> {

    private final Supplier<? extends M> factory;
    private final ConcurrentLinkedDeque<M> idle = new ConcurrentLinkedDeque<>();
    private final ExclusiveState states = new ExclusiveState();
    private final AtomicInteger lent = new AtomicInteger();
    private @Nullable ModelWeights initial;
    private Optional<String> firstLocal = Optional.empty();
    private boolean isAny;
    private volatile @Nullable IllegalStateException sharing;

    private ModelPool(Supplier<? extends M> factory) {
        this.factory = factory;
    }

    /**
     * A pool that makes models as they are needed.
     *
     * @param <M> the type of model
     * @param factory makes a new model on every call, all of equal layouts, no two over the same memory; called on the
     *     borrowing thread, also from several at once
     * @return the pool
     */
    public static <M extends Model<?>> ModelPool<M> of(Supplier<? extends M> factory) {
        return new ModelPool<>(factory);
    }

    /**
     * The weights of a model as the factory makes it: where a run starts. They come from a model that no client has
     * trained, and every call returns the same ones, also after runs. ({@code with(Model::weights)} would return those
     * of some client, once one has trained.)
     *
     * @return kept by the pool from the first call on
     * @throws IllegalStateException if the factory's models are not independent, see {@link #with}
     */
    public synchronized ModelWeights initialWeights() {
        if (initial == null) {
            M fresh = make();
            initial = fresh.weights();
            idle.addLast(fresh);
        }
        return initial;
    }

    /**
     * Uses a model, which may have been trained: its weights are those of its last use.
     *
     * @param <R> the type of the result
     * @param use loads the weights it is to start from; must not keep the model
     * @return what {@code use} returned
     * @throws IllegalStateException if the factory returned a model that shares {@link Model#exclusiveState()} with one
     *     before, or starts from other LOCAL parameters; from then on always
     */
    public <R> R with(Function<? super M, ? extends R> use) {
        if (sharing != null) {
            throw sharing;
        }
        M used = idle.pollFirst();
        M model = used == null ? make() : used;
        lent.incrementAndGet();
        try {
            return use.apply(model);
        } finally {
            idle.addFirst(model);
            lent.decrementAndGet();
        }
    }

    /**
     * How many models are in use. Between rounds those are lost for now: clients that missed their deadline have not
     * returned them.
     *
     * @return at least 0
     */
    public int lent() {
        return lent.get();
    }

    /** Whether its models have LOCAL parameters. Makes one to find out, if need be. */
    public boolean keepLocal() {
        initialWeights();
        return firstLocal.isPresent();
    }

    /** Once the factory returned a shared model, every call throws: the clients that got the first one would train it alone. */
    private M make() {
        M model = factory.get();
        synchronized (states) {
            try {
                states.claim(model);
                requireLikeFirst(model);
            } catch (IllegalStateException shared) {
                sharing = shared;
                throw shared;
            }
        }
        return model;
    }

    /** Which of the models a client borrows is chance, and its first LOCAL parameters are the model's. */
    private void requireLikeFirst(M model) {
        Optional<String> local = model instanceof PersonalModel<?> personal && personal.localLayout().isPresent()
                ? Optional.of(personal.initialLocal().fingerprint())
                : Optional.empty();
        if (!isAny) {
            isAny = true;
            firstLocal = local;
        } else if (!local.equals(firstLocal)) {
            throw new IllegalStateException("the pool's models must start from equal LOCAL parameters, but the factory"
                    + " returned different ones; give every network the same seed");
        }
    }
}
