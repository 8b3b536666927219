package org.fl4j.internal;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Stages of others: what they come to, and their end where nobody waits for it. */
public final class Stages {

    private Stages() {}

    /**
     * A future of what a stage comes to, by way of a function. Cancelling the future cancels the stage, if that is a {@link Future},
     * and lets go of all that the function holds, also where the stage never completes.
     *
     * @param stage of any kind; what it throws when asked is thrown
     * @param ended called once the stage has completed, before the future does
     * @param map quick: it runs on the thread that completes the stage
     */
    public static <T, U> CompletableFuture<U> linked(
            CompletionStage<T> stage, Runnable ended, Function<? super T, ? extends U> map) {
        Link<T, U> link = new Link<>(ended, map);
        CompletableFuture<U> future = link.future();
        stage.whenComplete(link);
        CompletableFuture<?> unused = future.whenComplete((value, thrown) -> {
            if (future.isCancelled()) {
                link.letGo();
                cancel(stage);
            }
        });
        return future;
    }

    /** A future of what a stage comes to, as above. */
    public static <T> CompletableFuture<T> linked(CompletionStage<T> stage) {
        return linked(stage, () -> {}, value -> value);
    }

    /**
     * Waits for a stage.
     *
     * @throws InterruptedException if interrupted; the stage is cancelled, if it is a {@link Future}
     * @throws Exception what the stage failed with
     */
    public static <T> T await(CompletionStage<T> stage) throws Exception {
        CompletableFuture<T> future = linked(stage);
        try {
            return valueOf(future);
        } catch (InterruptedException e) {
            future.cancel(true);
            throw e;
        }
    }

    /**
     * The value of a future of {@link #linked}, waited for.
     *
     * @throws Exception what the stage failed with
     */
    public static <T> T valueOf(CompletableFuture<T> future) throws Exception {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw Stages.<Exception>unchecked(Objects.requireNonNullElse(e.getCause(), e));
        }
    }

    /** What a stage failed with, without the exceptions that stages wrap it in. */
    public static Throwable causeOf(Throwable thrown) {
        Throwable cause = thrown;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static void cancel(CompletionStage<?> stage) {
        if (stage instanceof Future<?> future) {
            try {
                future.cancel(true);
            } catch (UnsupportedOperationException e) {
                // A minimal stage is a future by its class only.
                return;
            }
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> E unchecked(Throwable thrown) throws E {
        throw (E) thrown;
    }

    /** All that a stage holds of those who wait for it. */
    private static final class Link<T, U> implements BiConsumer<T, @Nullable Throwable> {

        private final Runnable ended;
        private volatile @Nullable Target<T, U> target;

        Link(Runnable ended, Function<? super T, ? extends U> map) {
            this.ended = ended;
            this.target = new Target<>(new CompletableFuture<>(), map);
        }

        CompletableFuture<U> future() {
            return Objects.requireNonNull(target).future();
        }

        void letGo() {
            target = null;
        }

        @Override
        public void accept(T value, @Nullable Throwable thrown) {
            ended.run();
            Target<T, U> waiting = target;
            if (waiting == null) {
                return;
            }
            if (thrown != null) {
                waiting.future().completeExceptionally(causeOf(thrown));
                return;
            }
            try {
                waiting.future().complete(waiting.map().apply(value));
            } catch (RuntimeException | Error e) {
                waiting.future().completeExceptionally(e);
            }
        }
    }

    private record Target<T, U>(CompletableFuture<U> future, Function<? super T, ? extends U> map) {}
}
