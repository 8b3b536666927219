package org.fl4j.privacy.secagg;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.random.DeterministicRandom;

/**
 * Loses what a {@link DropoutPattern} says. Of some clients it is the server's message that is lost, of others their
 * answer, which they have given and count as given: that falls to chance.
 */
final class LossyNetwork implements Drill.Network {

    private final DropoutPattern pattern;
    private final List<Direction> lost;
    private final Map<ProtocolStage, TreeSet<Integer>> asked = new EnumMap<>(ProtocolStage.class);
    private final Map<ProtocolStage, TreeSet<Integer>> heard = new EnumMap<>(ProtocolStage.class);

    LossyNetwork(DropoutPattern pattern, long seed) {
        this.pattern = pattern;
        DeterministicRandom random = new DeterministicRandom(seed);
        this.lost = IntStream.range(0, pattern.n())
                .mapToObj(client -> random.nextInt(2) == 0 ? Direction.TO_CLIENT : Direction.TO_SERVER)
                .toList();
    }

    @Override
    public Optional<byte[]> carry(ProtocolStage stage, Direction way, int client, byte[] message) {
        boolean isAnswer = way == Direction.TO_SERVER;
        if (!isAnswer) {
            asked.computeIfAbsent(stage, first -> new TreeSet<>()).add(client);
        }
        if (pattern.isGone(client, stage) && way == lost.get(client)) {
            return Optional.empty();
        }
        if (isAnswer) {
            heard.computeIfAbsent(stage, first -> new TreeSet<>()).add(client);
        }
        return Optional.of(message);
    }

    /** Whom the server wrote to in a stage, in order. */
    List<Integer> asked(ProtocolStage stage) {
        return List.copyOf(asked.getOrDefault(stage, new TreeSet<>()));
    }

    /** Whose answers to a stage arrived, in order. */
    List<Integer> heard(ProtocolStage stage) {
        return List.copyOf(heard.getOrDefault(stage, new TreeSet<>()));
    }
}
