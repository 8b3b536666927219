package org.fl4j.spark;

import org.fl4j.FederatedLearningException;

/** Why Spark gave up a job: a task whose executor was lost each time it was tried, or anything else. */
final class LostExecutor extends FederatedLearningException {

    private static final long serialVersionUID = 1L;
    private static final String SIGN = "ExecutorLostFailure";

    private LostExecutor(String message, Throwable cause) {
        super(message, cause);
    }

    /** As what a client comes to that took its executors along. */
    static LostExecutor of(Throwable why) {
        String text = String.valueOf(why.getMessage());
        int from = Math.max(0, text.indexOf(SIGN));
        int to = text.indexOf('\n', from);
        return new LostExecutor(
                "its executor was lost each time that it was tried: "
                        + text.substring(from, to < 0 ? text.length() : to),
                why);
    }

    /** Whether tasks took their executors along, so that it may be a client's doing. Spark says it in words only. */
    static boolean isWhy(Throwable why) {
        return String.valueOf(why.getMessage()).contains(SIGN);
    }

    /** What is nobody's doing among the clients, such as a class that executors lack. */
    static FederatedLearningException gaveUp(Throwable why) {
        return new FederatedLearningException("Spark gave up a job of this round: " + why.getMessage(), why);
    }
}
