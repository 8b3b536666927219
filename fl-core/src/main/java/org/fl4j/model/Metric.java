package org.fl4j.model;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.fl4j.model.Evaluation.ClassCounts;
import org.fl4j.model.StatisticsSpec.Kind;

/**
 * A figure of an evaluation: its name, whether higher or lower is better, what has to be collected for it, and how it is computed. It is
 * the same for central and federated evaluations, for one client and for the sum of all.
 *
 * <p>A metric is empty, never NaN, where it is not defined: without examples, without the statistics it {@link #needs}, for labels of
 * another kind, where it would divide by 0. Averages over classes ("macro") are over those for which it is defined.
 *
 * <p>Metrics are equal if their names are. Immutable and thread-safe.
 */
public final class Metric {

    /** The mean loss an example. */
    public static final Metric LOSS = lower("loss", StatisticsSpec.NONE, Metric::loss);

    /** The share of examples whose class was recognised. */
    public static final Metric ACCURACY = higher("accuracy", StatisticsSpec.NONE, Evaluation::accuracy);

    /** The mean over classes of the share recognised: what accuracy would be were all classes equally frequent. It is the macro recall. */
    public static final Metric BALANCED_ACCURACY =
            higher("balanced-accuracy", StatisticsSpec.NONE, e -> macro(e, Metric::recall));

    /** The mean {@link #precision} of classes. */
    public static final Metric MACRO_PRECISION =
            higher("macro-precision", StatisticsSpec.NONE, e -> macro(e, Metric::precision));

    /** The mean {@link #recall} of classes. */
    public static final Metric MACRO_RECALL =
            higher("macro-recall", StatisticsSpec.NONE, e -> macro(e, Metric::recall));

    /** The mean {@link #f1} of classes. */
    public static final Metric MACRO_F1 = higher("macro-f1", StatisticsSpec.NONE, e -> macro(e, Metric::f1));

    /** The area under the ROC curve: of class 1 if there are two, else the mean over classes, each against all others. */
    public static final Metric ROC_AUC =
            higher("roc-auc", StatisticsSpec.of(Kind.SCORES), e -> areas(e, Metric::rocArea));

    /** The average precision, the area under the precision-recall curve: of class 1 if there are two, else the mean over classes. */
    public static final Metric PR_AUC = higher("pr-auc", StatisticsSpec.of(Kind.SCORES), e -> areas(e, Metric::prArea));

    /** {@link Statistics#calibrationError}. */
    public static final Metric CALIBRATION_ERROR = lower(
            "calibration-error",
            StatisticsSpec.of(Kind.CALIBRATION),
            e -> e.statistics().calibrationError());

    /** The exponential of the mean loss a label, where that is the cross-entropy: of sequences a step. */
    public static final Metric PERPLEXITY = lower("perplexity", StatisticsSpec.of(Kind.STEPS), Metric::perplexity);

    /** The mean squared error, averaged over targets. */
    public static final Metric MSE = lower(
            "mse",
            StatisticsSpec.of(Kind.RESIDUALS),
            e -> mean(e.statistics().fits().stream().mapToDouble(Statistics.Fit::meanSquaredError)));

    /** The mean absolute error, averaged over targets. */
    public static final Metric MAE = lower(
            "mae",
            StatisticsSpec.of(Kind.RESIDUALS),
            e -> mean(e.statistics().fits().stream().mapToDouble(Statistics.Fit::meanAbsoluteError)));

    /** The coefficient of determination, averaged over the targets that vary. */
    public static final Metric R2 = higher(
            "r2",
            StatisticsSpec.of(Kind.RESIDUALS),
            e -> mean(e.statistics().fits().stream().map(Statistics.Fit::r2).flatMapToDouble(OptionalDouble::stream)));

    /** Which values are good. */
    public enum Direction {
        /** Higher is better. */
        HIGHER_IS_BETTER,
        /** Lower is better. */
        LOWER_IS_BETTER
    }

    private final String name;
    private final Direction direction;
    private final StatisticsSpec needs;
    private final Function<Evaluation, OptionalDouble> of;

    private Metric(String name, Direction direction, StatisticsSpec needs, Function<Evaluation, OptionalDouble> of) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("a metric must have a name, but it was blank");
        }
        this.name = name;
        this.direction = direction;
        this.needs = needs;
        this.of = of;
    }

    /**
     * A metric of one's own.
     *
     * @param name tells it from others
     * @param needs what has to be collected for it
     * @param of computes it; a value that is not finite counts as none
     * @throws IllegalArgumentException if the name is blank
     */
    public static Metric of(
            String name, Direction direction, StatisticsSpec needs, Function<Evaluation, OptionalDouble> of) {
        return new Metric(name, direction, needs, of);
    }

    private static Metric higher(String name, StatisticsSpec needs, Function<Evaluation, OptionalDouble> of) {
        return new Metric(name, Direction.HIGHER_IS_BETTER, needs, of);
    }

    private static Metric lower(String name, StatisticsSpec needs, Function<Evaluation, OptionalDouble> of) {
        return new Metric(name, Direction.LOWER_IS_BETTER, needs, of);
    }

    /** Of the examples taken for a class, the share that is of it; empty if none is. */
    public static Metric precision(int which) {
        return higher("precision-" + which, StatisticsSpec.NONE, e -> ofClass(e, which, Metric::precision));
    }

    /** Of the examples of a class, the share that was recognised; empty if there is none. */
    public static Metric recall(int which) {
        return higher("recall-" + which, StatisticsSpec.NONE, e -> ofClass(e, which, Metric::recall));
    }

    /** The harmonic mean of precision and recall: 0 for a class with examples that was never predicted. */
    public static Metric f1(int which) {
        return higher("f1-" + which, StatisticsSpec.NONE, e -> ofClass(e, which, Metric::f1));
    }

    /** {@link Statistics#roc}. */
    public static Metric rocAuc(int which) {
        return higher(
                "roc-auc-" + which, StatisticsSpec.of(Kind.SCORES), e -> ofClass(e, which, c -> rocArea(e, which)));
    }

    /** {@link Statistics#averagePrecision}. */
    public static Metric prAuc(int which) {
        return higher("pr-auc-" + which, StatisticsSpec.of(Kind.SCORES), e -> ofClass(e, which, c -> prArea(e, which)));
    }

    /**
     * The share of examples whose class is among the k likeliest.
     *
     * @param k at least 1
     */
    public static Metric topAccuracy(int k) {
        return higher(
                "top-" + k + "-accuracy",
                StatisticsSpec.top(k),
                e -> share(e.statistics().hits(k), e.labelled()));
    }

    /** Such as {@code roc-auc}; lower case, words joined by hyphens. */
    public String name() {
        return name;
    }

    /** Whether higher or lower is better. */
    public Direction direction() {
        return direction;
    }

    /** Whether higher values are better. */
    public boolean higherIsBetter() {
        return direction == Direction.HIGHER_IS_BETTER;
    }

    /** What an evaluation must collect. */
    public StatisticsSpec needs() {
        return needs;
    }

    /**
     * The figure.
     *
     * @param evaluation of one client or of many
     * @return finite; empty where it is not defined
     */
    public OptionalDouble of(Evaluation evaluation) {
        OptionalDouble value = of.apply(evaluation);
        return value.isPresent() && Double.isFinite(value.getAsDouble()) ? value : OptionalDouble.empty();
    }

    private static OptionalDouble loss(Evaluation evaluation) {
        return evaluation.examples() == 0 ? OptionalDouble.empty() : OptionalDouble.of(evaluation.loss());
    }

    private static OptionalDouble perplexity(Evaluation evaluation) {
        long labels = evaluation.labelled();
        return labels == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(Math.exp(evaluation.losses().over((double) labels)));
    }

    private static OptionalDouble precision(ClassCounts counts) {
        return share(counts.correct(), counts.predicted());
    }

    private static OptionalDouble recall(ClassCounts counts) {
        return share(counts.correct(), counts.examples());
    }

    private static OptionalDouble f1(ClassCounts counts) {
        return share(2 * counts.correct(), counts.examples() + counts.predicted());
    }

    private static OptionalDouble share(long part, long all) {
        return all == 0 ? OptionalDouble.empty() : OptionalDouble.of(part / (double) all);
    }

    private static OptionalDouble share(OptionalLong part, long all) {
        return part.isEmpty() ? OptionalDouble.empty() : share(part.getAsLong(), all);
    }

    private static OptionalDouble ofClass(
            Evaluation evaluation, int which, Function<ClassCounts, OptionalDouble> figure) {
        List<ClassCounts> classes = evaluation.classes();
        return which < classes.size() ? figure.apply(classes.get(which)) : OptionalDouble.empty();
    }

    private static OptionalDouble macro(Evaluation evaluation, Function<ClassCounts, OptionalDouble> figure) {
        return mean(evaluation.classes().stream().map(figure).flatMapToDouble(OptionalDouble::stream));
    }

    private static OptionalDouble rocArea(Evaluation evaluation, int which) {
        return evaluation.statistics().roc(which).stream()
                .mapToDouble(Area::value)
                .findFirst();
    }

    private static OptionalDouble prArea(Evaluation evaluation, int which) {
        return evaluation.statistics().averagePrecision(which).stream()
                .mapToDouble(Area::value)
                .findFirst();
    }

    private interface OfClass {
        OptionalDouble area(Evaluation evaluation, int which);
    }

    private static OptionalDouble areas(Evaluation evaluation, OfClass figure) {
        int n = evaluation.classes().size();
        return mean(IntStream.range(n == 2 ? 1 : 0, n)
                .mapToObj(c -> figure.area(evaluation, c))
                .flatMapToDouble(OptionalDouble::stream));
    }

    /** In the order of the values, as {@link DoubleStream#average} compensates for rounding in a way of its own. */
    private static OptionalDouble mean(DoubleStream values) {
        double[] all = values.toArray();
        double sum = 0;
        for (double value : all) {
            sum += value;
        }
        return all.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / all.length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Metric that && name.equals(that.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    /** The name. */
    @Override
    public String toString() {
        return name;
    }
}
