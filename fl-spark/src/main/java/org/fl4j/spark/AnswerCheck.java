package org.fl4j.spark;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.fl4j.FederatedLearningException;
import org.fl4j.nd4j.NumericFingerprint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether an answer may count: it comes from a process that computes the driver's bits, and nothing of ours broke there. */
final class AnswerCheck {

    private static final Logger LOG = LoggerFactory.getLogger(AnswerCheck.class);

    private final boolean onlyWarns;
    private final Set<String> warned = ConcurrentHashMap.newKeySet();

    /** @param onlyWarns whether other bits are the host's choice */
    AnswerCheck(boolean onlyWarns) {
        this.onlyWarns = onlyWarns;
    }

    /**
     * Reads an answer.
     *
     * @throws IllegalStateException if it comes from a process with other bits
     * @throws FederatedLearningException if what is not a client's broke there
     */
    Answer read(byte[] bytes) {
        Answer answer = Answer.fromBytes(bytes);
        List<String> differences = NumericFingerprint.ofThisProcess().differencesOf(answer.fingerprint());
        if (!differences.isEmpty()) {
            String what = answer.host() + " computes other bits than the driver: " + String.join("; ", differences);
            if (!onlyWarns) {
                throw new IllegalStateException(
                        what
                                + ". A run could not be repeated; if that is acceptable, call SparkRunner.acceptingOtherBits()");
            }
            if (warned.add(answer.host())) {
                LOG.warn("{}; the run cannot be repeated bit for bit", what);
            }
        }
        if (answer.kind() == Answer.Kind.BROKEN) {
            throw new FederatedLearningException("on " + answer.host() + ": " + answer.words());
        }
        return answer;
    }
}
