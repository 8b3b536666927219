package org.fl4j.dl4j;

import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the variables of a SameDiff graph are to a {@link SameDiffModel}, by their names.
 *
 * <pre>{@code
 * SameDiffNames.of("input", "labels", "loss").withScores("logits")
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class SameDiffNames {

    private final String features;
    private final String labels;
    private final String loss;
    private final @Nullable String scores;
    private final Set<String> statistics;

    private SameDiffNames(
            String features, String labels, String loss, @Nullable String scores, Set<String> statistics) {
        this.features = Objects.requireNonNull(features);
        this.labels = Objects.requireNonNull(labels);
        this.loss = Objects.requireNonNull(loss);
        this.scores = scores;
        this.statistics = Set.copyOf(statistics);
    }

    /**
     * What every model needs.
     *
     * @param features a placeholder, {@code [-1, featureShape...]}
     * @param labels a placeholder, {@code [-1, labelShape...]}; one-hot rows for class labels
     * @param loss a scalar: the <em>mean</em> loss over the mini-batch
     * @return the names, without scores and statistics
     */
    public static SameDiffNames of(String features, String labels, String loss) {
        return new SameDiffNames(features, labels, loss, null, Set.of());
    }

    /**
     * These with the variable that evaluation takes predicted classes from.
     *
     * @param variable {@code [-1, classes]}, the highest for the predicted class: logits or probabilities
     * @return a copy
     */
    public SameDiffNames withScores(String variable) {
        return new SameDiffNames(features, labels, loss, variable, statistics);
    }

    /**
     * These with variables that gradients are not to move: they are exchanged and averaged only.
     *
     * @param variables of type VARIABLE
     * @return a copy
     */
    public SameDiffNames withStatistics(String... variables) {
        return new SameDiffNames(features, labels, loss, scores, Set.of(variables));
    }

    /**
     * The placeholder for features.
     *
     * @return its name
     */
    public String features() {
        return features;
    }

    /**
     * The placeholder for labels.
     *
     * @return its name
     */
    public String labels() {
        return labels;
    }

    /**
     * The mean loss over the mini-batch.
     *
     * @return its name
     */
    public String loss() {
        return loss;
    }

    /**
     * What evaluation takes predicted classes from.
     *
     * @return empty if evaluation is to report the loss only
     */
    public Optional<String> scores() {
        return Optional.ofNullable(scores);
    }

    /**
     * Variables that gradients do not move.
     *
     * @return their names
     */
    public Set<String> statistics() {
        return statistics;
    }
}
