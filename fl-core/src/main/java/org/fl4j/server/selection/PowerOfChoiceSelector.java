package org.fl4j.server.selection;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.Check;
import org.fl4j.state.ComponentState;

/**
 * The variant {@code rpow-d} of Cho, Wang and Joshi (2020, section 4). Its state is one piece of binary data: the clients
 * that have reported a loss, in the order of their ids, each with its last one; and those that took no step before they
 * had one, with {@link #NO_STEP}.
 */
record PowerOfChoiceSelector(int size, int candidates) implements ClientSelector.Informed {

    private static final String KIND = "power-of-choice";
    private static final int VERSION = 1;

    /** Below every loss. */
    private static final double NO_STEP = Double.NEGATIVE_INFINITY;

    PowerOfChoiceSelector {
        Check.atLeast("size", size, 1);
        if (candidates < size) {
            throw new IllegalArgumentException(
                    "candidates must be at least size, here " + size + ", but was " + candidates);
        }
    }

    @Override
    public ClientSelector.Selection select(ClientSelector.Context context) {
        Map<ClientId, Double> losses = losses(context.state());
        ClientSelector.Context draw = new ClientSelector.Context(
                context.round(), context.population(), 0, ComponentState.EMPTY, context.seed());
        List<ClientId> drawn =
                new ArrayList<>(new UniformSelector(candidates).select(draw).cohort());
        // The sort is stable and the draw is in random order: ties are broken at random, as in the paper.
        drawn.sort(
                Comparator.comparingDouble((ClientId client) -> losses.getOrDefault(client, Double.POSITIVE_INFINITY))
                        .reversed());
        return new ClientSelector.Selection(
                drawn.subList(0, Math.min(size, drawn.size())), Integer.MAX_VALUE, context.state());
    }

    @Override
    public ComponentState observe(ComponentState state, List<ClientOutcome<ClientUpdate.Receipt>> outcomes) {
        Map<ClientId, Double> losses = losses(state);
        int completed = 0;
        int reported = 0;
        int silent = 0;
        for (ClientOutcome<ClientUpdate.Receipt> outcome : outcomes) {
            if (outcome instanceof ClientOutcome.Completed<ClientUpdate.Receipt> done) {
                Map<String, Double> scalars = done.result().scalars();
                Double loss = scalars.get(ClientUpdate.LOSS);
                completed++;
                if (loss != null) {
                    losses.put(done.client(), loss);
                    reported++;
                } else if (scalars.getOrDefault(ClientUpdate.STEPS, 1.0) == 0) {
                    losses.putIfAbsent(done.client(), NO_STEP);
                } else {
                    silent++;
                }
            }
        }
        if (silent > 0 && reported == 0) {
            throw new IllegalStateException("power-of-choice goes by the clients' training losses, but none of the "
                    + completed + " updates of the round has a scalar '" + ClientUpdate.LOSS + "'");
        }
        return ComponentState.of(KIND, VERSION).with("losses", write(losses));
    }

    @Override
    public SamplingScheme scheme() {
        return new SamplingScheme.Other("power-of-choice, " + size + " of " + candidates);
    }

    private static Map<ClientId, Double> losses(ComponentState state) {
        state.expect(KIND, VERSION);
        return state.isEmpty()
                ? new TreeMap<>()
                : BinaryReader.fromBytes(state.bytes("losses"), KIND, VERSION, PowerOfChoiceSelector::read);
    }

    private static Map<ClientId, Double> read(BinaryReader in) {
        Map<ClientId, Double> losses = new TreeMap<>();
        int count = in.readCount();
        for (int i = 0; i < count; i++) {
            losses.put(new ClientId(in.readString()), in.readDouble());
        }
        return losses;
    }

    private static byte[] write(Map<ClientId, Double> losses) {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeInt(losses.size());
            losses.forEach((client, loss) -> {
                out.writeString(client.value());
                out.writeDouble(loss);
            });
        });
    }
}
