package org.fl4j.model;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.fl4j.weights.ParameterSpec.Role;
import org.fl4j.weights.ParameterSplit;

/**
 * A model of which a part stays where it is. Outwardly it has only the parameters that travel: {@link #layout}, {@link #weights},
 * {@link #load} and displacements are of them, so whatever handles weights cannot send the others. Of the others
 *
 * <ul>
 *   <li>LOCAL ones are each client's own: {@link #load(ModelWeights, ModelWeights)} brings them, {@link #local} takes them away;
 *   <li>FROZEN ones are the model's, the same in every model; a digest of them is in the layout. Training leaves them as they are.
 * </ul>
 *
 * <p>A client in this JVM does the loading, and remembers LOCAL parameters in its {@code ClientStateStore}. A model that wraps this one hides
 * it: LOCAL parameters would be forgotten, so {@link #train} throws unless they were loaded.
 *
 * @param <D> the type of a client's data
 */
public final class PersonalModel<D> implements GradientModel<D> {

    private final GradientModel<D> whole;
    private final ModelWeights start;
    private final Map<String, Role> roles;
    private ParameterSplit split;
    private boolean hasOwn;

    private PersonalModel(GradientModel<D> whole, ModelWeights start, Map<String, Role> roles) {
        this.whole = whole;
        this.start = start;
        this.roles = roles;
        this.split = new ParameterSplit(start, spec -> roles.getOrDefault(spec.name(), spec.role()));
        this.hasOwn = split.local().isEmpty();
    }

    static <D> PersonalModel<D> of(GradientModel<D> whole) {
        return new PersonalModel<>(whole, whole.weights(), Map.of());
    }

    @Override
    public PersonalModel<D> keeping(String names) {
        return with(named(names), "name matches '" + names + "'", Role.LOCAL);
    }

    @Override
    public PersonalModel<D> keeping(Predicate<? super ParameterSpec> which) {
        return with(which, "spec satisfies the predicate", Role.LOCAL);
    }

    @Override
    public PersonalModel<D> freezing(String names) {
        return with(named(names), "name matches '" + names + "'", Role.FROZEN);
    }

    @Override
    public PersonalModel<D> freezing(Predicate<? super ParameterSpec> which) {
        return with(which, "spec satisfies the predicate", Role.FROZEN);
    }

    private static Predicate<ParameterSpec> named(String names) {
        Pattern pattern = Pattern.compile(names);
        return spec -> pattern.matcher(spec.name()).matches();
    }

    private PersonalModel<D> with(Predicate<? super ParameterSpec> which, String condition, Role role) {
        Map<String, Role> more = new TreeMap<>(roles);
        boolean isAny = false;
        for (ParameterSpec spec : start.layout().specs()) {
            if (which.test(spec)) {
                isAny = true;
                Role before = more.put(spec.name(), role);
                if (before != null && before != role) {
                    throw new IllegalArgumentException(
                            "parameter '" + spec.name() + "' cannot be both " + before + " and " + role);
                }
            }
        }
        if (!isAny) {
            throw new IllegalArgumentException("no parameter's " + condition + "; there are "
                    + start.layout().specs());
        }
        return new PersonalModel<>(whole, start, more);
    }

    @Override
    public ParameterLayout layout() {
        return split.shared();
    }

    /**
     * The layout of what stays with each client.
     *
     * @return empty if nothing is LOCAL
     */
    public Optional<ParameterLayout> localLayout() {
        return split.local();
    }

    /**
     * What a client that has no LOCAL parameters of its own yet starts from.
     *
     * @throws IllegalStateException if nothing is LOCAL
     */
    public ModelWeights initialLocal() {
        return split.localOf(start);
    }

    /**
     * The FROZEN parameters, to be sent to clients elsewhere.
     *
     * @throws IllegalStateException if nothing is FROZEN
     */
    public ModelWeights frozen() {
        return split.frozen();
    }

    /**
     * Replaces the FROZEN parameters, and so the layout. LOCAL ones become the {@linkplain #initialLocal initial} ones.
     *
     * @param values of the layout that {@link #frozen} has
     * @throws IllegalArgumentException if the layouts differ
     * @throws IllegalStateException if nothing is FROZEN
     */
    public void loadFrozen(ModelWeights values) {
        split = split.withFrozen(values);
        whole.load(split.joined(split.sharedOf(whole.weights()), Optional.empty()));
        hasOwn = split.local().isEmpty();
    }

    @Override
    public ModelWeights weights() {
        return split.sharedOf(whole.weights());
    }

    /**
     * The current LOCAL parameters.
     *
     * @return a copy
     * @throws IllegalStateException if nothing is LOCAL
     */
    public ModelWeights local() {
        return split.localOf(whole.weights());
    }

    /** Loads what travelled, with the {@linkplain #initialLocal initial} LOCAL parameters: a model that is nobody's, to be evaluated. */
    @Override
    public void load(ModelWeights travelled) {
        whole.load(split.joined(travelled, Optional.empty()));
        hasOwn = split.local().isEmpty();
    }

    /**
     * Loads what travelled and what a client has kept.
     *
     * @param kept of the {@link #localLayout}
     * @throws IllegalArgumentException if a layout differs
     */
    public void load(ModelWeights travelled, ModelWeights kept) {
        whole.load(split.joined(travelled, Optional.of(kept)));
        hasOwn = true;
    }

    /**
     * Trains everything but what is FROZEN, at once.
     *
     * @throws IllegalStateException if there are LOCAL parameters, and a client's own were not loaded; or if training moved FROZEN ones
     */
    @Override
    public LocalTraining.Report train(D data, LocalTraining how, GradientCorrection correction, long seed) {
        return trainHolding(Role.FROZEN, data, how, correction, seed);
    }

    /** Trains the parameters that travel; the LOCAL ones are held as they are. */
    public LocalTraining.Report trainShared(D data, LocalTraining how, GradientCorrection correction, long seed) {
        return trainHolding(Role.LOCAL, data, how, correction, seed);
    }

    /**
     * Trains the LOCAL parameters; those that travel are held as they are, running statistics included.
     *
     * @throws IllegalStateException if nothing is LOCAL
     */
    public LocalTraining.Report trainLocal(D data, LocalTraining how, long seed) {
        if (split.local().isEmpty()) {
            throw new IllegalStateException("no parameter of " + split.whole() + " is LOCAL");
        }
        return trainHolding(Role.TRAINABLE, data, how, GradientCorrection.none(), seed);
    }

    /** FROZEN parameters are held beside those of the role. */
    private LocalTraining.Report trainHolding(
            Role role, D data, LocalTraining how, GradientCorrection correction, long seed) {
        if (!hasOwn) {
            throw new IllegalStateException(
                    "LOCAL parameters " + split.local().orElseThrow().specs()
                            + " are to be trained, but no client's own were loaded; does a model around this one hide it?");
        }
        List<ParameterSpec> held = split.whole().specs().stream()
                .filter(spec -> isHeld(spec, role))
                .toList();
        GradientCorrection widened = split.widened(correction);
        if (held.isEmpty()) {
            return whole.train(data, how, widened, seed);
        }
        ModelWeights before = whole.weights();
        LocalTraining.Report report =
                whole.train(data, how, widened.holding(split.whole(), spec -> isHeld(spec, role)), seed);
        requireHeld(held, before);
        return report;
    }

    private boolean isHeld(ParameterSpec spec, Role role) {
        return role(spec) == Role.FROZEN
                || role(spec) == role
                || (role == Role.TRAINABLE && role(spec).isShared());
    }

    /** Statistics move without gradients, but training does not read them: those that are held are put back. */
    private void requireHeld(List<ParameterSpec> held, ModelWeights before) {
        ModelWeights after = whole.weights();
        ModelWeights kept = after;
        boolean isPutBack = false;
        for (ParameterSpec spec : held) {
            if (before.hasSame(spec.name(), after)) {
                continue;
            }
            if (spec.role() != Role.STATISTIC) {
                throw new IllegalStateException("training moved '" + spec.name() + "', which is " + role(spec)
                        + " and was held: its optimizer moves parameters whose gradient is zero, as weight decay does;"
                        + " leave that out of its layer");
            }
            kept = kept.with(spec.name(), before);
            isPutBack = true;
        }
        if (isPutBack) {
            whole.load(kept);
        }
    }

    private Role role(ParameterSpec spec) {
        return roles.getOrDefault(spec.name(), spec.role());
    }

    @Override
    public Evaluation evaluate(D data) {
        return whole.evaluate(data);
    }

    @Override
    public Evaluation evaluate(D data, StatisticsSpec statistics) {
        return whole.evaluate(data, statistics);
    }

    @Override
    public ModelDelta displacementFrom(ModelWeights base) {
        return weights().minus(base);
    }

    @Override
    public Collection<?> exclusiveState() {
        return whole.exclusiveState();
    }
}
