package org.fl4j.privacy.secagg;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.random.DeterministicRandom;

/**
 * When each client of a cohort drops out, and the expected outcome, by counting alone.
 *
 * @param stages of the setting, in order
 * @param missingFrom for each client the place in {@code stages} whose answer is the first that is missing; their number: none
 */
record DropoutPattern(List<ProtocolStage> stages, List<Integer> missingFrom) {

    static final List<ProtocolStage> CURIOUS = List.of(
            ProtocolStage.ADVERTISE, ProtocolStage.SHARE_KEYS, ProtocolStage.MASKED_INPUT, ProtocolStage.UNMASK);

    static final List<ProtocolStage> SIGNING = List.of(ProtocolStage.values());

    DropoutPattern {
        missingFrom = List.copyOf(missingFrom);
    }

    /** How many patterns there are. */
    static long count(List<ProtocolStage> stages, int n) {
        long count = 1;
        for (int client = 0; client < n; client++) {
            count *= stages.size() + 1;
        }
        return count;
    }

    /** One of them, by its digits to the base of what can become of a client. */
    static DropoutPattern number(List<ProtocolStage> stages, int n, long number) {
        List<Integer> digits = new ArrayList<>();
        long rest = number;
        for (int client = 0; client < n; client++) {
            digits.add((int) (rest % (stages.size() + 1)));
            rest /= stages.size() + 1;
        }
        return new DropoutPattern(stages, digits);
    }

    /** So many clients, and the stages at which they drop out, drawn at random. */
    static DropoutPattern random(List<ProtocolStage> stages, int n, int dropouts, DeterministicRandom random) {
        List<Integer> missingFrom = new ArrayList<>(Collections.nCopies(n, stages.size()));
        int[] order = random.permutation(n);
        for (int i = 0; i < dropouts; i++) {
            missingFrom.set(order[i], random.nextInt(stages.size()));
        }
        return new DropoutPattern(stages, missingFrom);
    }

    /** The same of other clients. */
    DropoutPattern shuffled(DeterministicRandom random) {
        int[] order = random.permutation(n());
        return new DropoutPattern(
                stages, IntStream.of(order).mapToObj(missingFrom::get).toList());
    }

    int n() {
        return missingFrom.size();
    }

    boolean isSorted() {
        return IntStream.range(1, n()).allMatch(client -> missingFrom.get(client - 1) <= missingFrom.get(client));
    }

    int dropouts() {
        return n() - left(stages.get(stages.size() - 1)).size();
    }

    /** Whether the server gets no answer of a client to a stage. */
    boolean isGone(int client, ProtocolStage stage) {
        return missingFrom.get(client) <= stages.indexOf(stage);
    }

    /** U1, U2, ...: whose answers to a stage and all before it arrived. */
    List<Integer> left(ProtocolStage stage) {
        return IntStream.range(0, n())
                .filter(client -> !isGone(client, stage))
                .boxed()
                .toList();
    }

    /** The first stage after which fewer are left. */
    Optional<ProtocolStage> shortAfter(int threshold) {
        return stages.stream().filter(stage -> left(stage).size() < threshold).findFirst();
    }
}
