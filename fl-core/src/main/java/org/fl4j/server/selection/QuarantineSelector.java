package org.fl4j.server.selection;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.Check;
import org.fl4j.state.ComponentState;
import org.jspecify.annotations.Nullable;

/**
 * Another selector, shown only the clients that did not fail too often in a row. Its state is the round it last selected
 * for, what the other remembers, and of each client that failed when it was last called how often in a row it did and from
 * which round on it is back.
 */
record QuarantineSelector(ClientSelector inner, int failures, int rounds) implements ClientSelector.Informed {

    private static final String KIND = "quarantine";
    private static final int VERSION = 1;

    /** Of a client that failed when it was last called. */
    private record Failures(int inARow, int backIn) {}

    QuarantineSelector {
        Check.atLeast("failures", failures, 1);
        Check.atLeast("rounds", rounds, 1);
    }

    @Override
    public ClientSelector.Selection select(ClientSelector.Context context) {
        return chosen(context, ClientSelector::select);
    }

    @Override
    public boolean fillsPlaces() {
        return inner.fillsPlaces();
    }

    @Override
    public ClientSelector.Selection fill(
            ClientSelector.Context context, int places, Predicate<? super ClientId> taken) {
        return chosen(context, (selector, its) -> selector.fill(its, places, taken));
    }

    private ClientSelector.Selection chosen(
            ClientSelector.Context context,
            BiFunction<ClientSelector, ClientSelector.Context, ClientSelector.Selection> choice) {
        ComponentState own = context.state().expect(KIND, VERSION);
        Map<ClientId, Failures> records = records(own);
        ClientSelector present = new AvailableSelector(inner, (round, client) -> !isAway(records.get(client), round));
        ClientSelector.Selection selection = choice.apply(present, context.withState(innerState(own)));
        return new ClientSelector.Selection(
                selection.cohort(), selection.enough(), state(context.round(), selection.state(), records));
    }

    private static boolean isAway(@Nullable Failures record, int round) {
        return record != null && round < record.backIn();
    }

    @Override
    public ComponentState observe(ComponentState state, List<ClientOutcome<ClientUpdate.Receipt>> outcomes) {
        int round = Math.toIntExact(state.longValue("round"));
        Map<ClientId, Failures> records = records(state);
        for (ClientOutcome<ClientUpdate.Receipt> outcome : outcomes) {
            if (outcome instanceof ClientOutcome.Completed) {
                records.remove(outcome.client());
            } else if (isFailure(outcome)) {
                records.merge(outcome.client(), failed(0, round), (before, first) -> failed(before.inARow(), round));
            }
        }
        ComponentState ofInner = innerState(state);
        return state(
                round, inner instanceof Informed informed ? informed.observe(ofInner, outcomes) : ofInner, records);
    }

    /** Once back, one more failure is enough. */
    private Failures failed(int before, int round) {
        int back = (int) Math.min(Integer.MAX_VALUE, round + 1L + rounds);
        return before + 1 >= failures ? new Failures(failures - 1, back) : new Failures(before + 1, 0);
    }

    /** Neither says anything about the client: it was not needed, or its turn did not come. */
    private static boolean isFailure(ClientOutcome<?> outcome) {
        return !(outcome instanceof ClientOutcome.Surplus || outcome instanceof ClientOutcome.NotStarted);
    }

    @Override
    public Optional<Duration> next(Duration time) {
        return inner.next(time);
    }

    @Override
    public boolean overSelects() {
        return inner.overSelects();
    }

    @Override
    public SamplingScheme scheme() {
        return AvailableSelector.scheme(inner, "with quarantine");
    }

    private static ComponentState state(int round, ComponentState ofInner, Map<ClientId, Failures> records) {
        return ComponentState.of(KIND, VERSION)
                .with("round", round)
                .with("inner", BinaryWriter.toBytes(KIND, VERSION, ofInner::writeTo))
                .with("clients", BinaryWriter.toBytes(KIND, VERSION, out -> write(out, records)));
    }

    private static ComponentState innerState(ComponentState own) {
        return own.isEmpty()
                ? ComponentState.EMPTY
                : BinaryReader.fromBytes(own.bytes("inner"), KIND, VERSION, ComponentState::readFrom);
    }

    private static Map<ClientId, Failures> records(ComponentState own) {
        return own.isEmpty()
                ? new TreeMap<>()
                : BinaryReader.fromBytes(own.bytes("clients"), KIND, VERSION, QuarantineSelector::read);
    }

    private static Map<ClientId, Failures> read(BinaryReader in) {
        Map<ClientId, Failures> records = new TreeMap<>();
        int count = in.readCount();
        for (int i = 0; i < count; i++) {
            records.put(new ClientId(in.readString()), new Failures(in.readInt(), in.readInt()));
        }
        return records;
    }

    private static void write(BinaryWriter out, Map<ClientId, Failures> records) {
        out.writeInt(records.size());
        records.forEach((client, record) -> {
            out.writeString(client.value());
            out.writeInt(record.inARow());
            out.writeInt(record.backIn());
        });
    }
}
