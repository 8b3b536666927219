package org.fl4j.testkit;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.aggregation.LinearAggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Summand;
import org.fl4j.secure.SecureRound;
import org.jspecify.annotations.Nullable;

/** The server's half of {@link InsecureForTests}: who is left after each stage, and the inputs in the clear. */
final class InsecureRound implements SecureRound {

    private final LinearRound rule;
    private final int threshold;
    private final RoundContext context;
    private final List<ClientId> cohort;
    private final int length;
    private final Map<ClientId, double[]> inputs = new HashMap<>();

    private List<ClientId> left;
    private final Iterator<InsecureForTests.Stage> stages =
            EnumSet.allOf(InsecureForTests.Stage.class).iterator();
    private String where = "at the start";
    private @Nullable OpenStage open;
    private boolean ended;
    private boolean closed;

    InsecureRound(LinearAggregator rule, int threshold, RoundContext context, List<ClientId> cohort) {
        this.rule = LinearRound.guarded(rule, context);
        this.threshold = threshold;
        this.context = context;
        this.cohort = List.copyOf(cohort);
        this.left = this.cohort;
        this.length = Summand.zero(this.rule.segments()).length();
    }

    @Override
    public Optional<SecureRound.Stage> next() {
        requireOpen();
        if (open != null) {
            left = open.whoAnswered();
            open = null;
        }
        if (left.size() < threshold || !stages.hasNext()) {
            ended = true;
            return Optional.empty();
        }
        InsecureForTests.Stage stage = stages.next();
        where = "after " + stage;
        open = new OpenStage(stage, left);
        return Optional.of(open);
    }

    @Override
    public Outcome finish() {
        requireOpen();
        if (!ended) {
            throw new IllegalStateException("round " + context.round() + ": its protocol is not at its end");
        }
        if (left.size() < threshold) {
            return new Unrecovered("round " + context.round() + ": " + left.size() + " of " + cohort.size()
                    + " clients are left " + where + " but the threshold is " + threshold);
        }
        LinearAggregation sum = rule.aggregation();
        List<ClientId> included = new ArrayList<>();
        for (int from = 0; from < cohort.size(); from += LinearAggregation.BLOCK_SIZE) {
            List<ClientId> ids =
                    new ArrayList<>(cohort.subList(from, Math.min(from + LinearAggregation.BLOCK_SIZE, cohort.size())));
            ids.retainAll(inputs.keySet());
            if (!ids.isEmpty()) {
                Summand block = sum.emptyBlock();
                ids.forEach(id -> block.add(inputs.get(id)));
                sum.addBlock(from / LinearAggregation.BLOCK_SIZE, block);
                included.addAll(ids);
            }
        }
        return new Recovered(sum.finish(), included);
    }

    @Override
    public void close() {
        closed = true;
        inputs.clear();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("round " + context.round() + " is closed");
        }
    }

    /** A stage whose answers are being taken. */
    private final class OpenStage implements SecureRound.Stage {

        private final InsecureForTests.Stage stage;
        private final List<ClientId> recipients;
        private final Set<ClientId> answered = new HashSet<>();
        private final Set<ClientId> missing = new HashSet<>();

        OpenStage(InsecureForTests.Stage stage, List<ClientId> recipients) {
            this.stage = stage;
            this.recipients = recipients;
        }

        @Override
        public String name() {
            return stage.name();
        }

        @Override
        public boolean unmasks() {
            return stage == InsecureForTests.Stage.UNMASK;
        }

        @Override
        public List<ClientId> recipients() {
            return recipients;
        }

        @Override
        public byte[] messageFor(ClientId recipient) {
            requireOpen();
            if (!recipients.contains(recipient)) {
                throw new IllegalArgumentException(who(recipient) + "it is not a recipient of " + stage);
            }
            return InsecureMessages.toClient(stage, out -> {
                if (stage == InsecureForTests.Stage.ADVERTISE) {
                    out.writeBytes(context.shared(rule.publicState()).toBytes());
                } else {
                    InsecureMessages.writeIds(out, recipients);
                }
            });
        }

        @Override
        public Optional<String> reply(ClientId from, byte[] answer) {
            requireOpen();
            if (!recipients.contains(from) || answered.contains(from) || missing.contains(from)) {
                return Optional.of(who(from) + "no answer to " + stage + " is due");
            }
            Optional<String> refusal = refusal(from, answer);
            (refusal.isPresent() ? missing : answered).add(from);
            return refusal;
        }

        @Override
        public void missing(ClientId who) {
            requireOpen();
            if (!recipients.contains(who) || answered.contains(who) || !missing.add(who)) {
                throw new IllegalStateException(who(who) + "no answer to " + stage + " is due, so none is missing");
            }
        }

        private Optional<String> refusal(ClientId from, byte[] bytes) {
            InsecureMessages.Answer answer;
            try {
                answer = InsecureMessages.atServer(stage, bytes);
            } catch (CorruptDataException e) {
                return Optional.of(who(from) + e.getMessage());
            }
            if (!answer.from().equals(from) || answer.round() != context.round()) {
                return Optional.of(
                        who(from) + "the answer is of client '" + answer.from() + "', round " + answer.round());
            }
            if (stage == InsecureForTests.Stage.UNMASK && !answer.confirmed().equals(recipients)) {
                return Optional.of(
                        who(from) + "it confirms " + answer.confirmed() + " but the sum is over " + recipients);
            }
            if (stage != InsecureForTests.Stage.MASKED_INPUT) {
                return Optional.empty();
            }
            if (answer.values().size() != length) {
                return Optional.of(who(from) + "its input has "
                        + answer.values().size() + " coordinates but the rule has " + length);
            }
            inputs.put(
                    from,
                    answer.values().stream().mapToDouble(Double::doubleValue).toArray());
            return Optional.empty();
        }

        private List<ClientId> whoAnswered() {
            for (ClientId id : recipients) {
                if (!answered.contains(id) && !missing.contains(id)) {
                    throw new IllegalStateException(
                            who(id) + "has neither answered " + stage + " nor been reported missing");
                }
            }
            return recipients.stream().filter(answered::contains).toList();
        }

        private String who(ClientId id) {
            return "client '" + id + "', round " + context.round() + ": ";
        }
    }
}
