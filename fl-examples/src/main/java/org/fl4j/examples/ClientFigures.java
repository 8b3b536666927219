package org.fl4j.examples;

import java.util.Locale;
import java.util.Optional;
import org.fl4j.server.evaluation.ClientDistribution;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.report.Traffic;

/** What a run means for its clients: the bytes of a round, and how well the model does for each of them. */
final class ClientFigures implements RoundListener, ClientDistribution.Listener {

    private long rounds;
    private Traffic.Bytes sum = Traffic.Bytes.NONE;
    private Optional<ClientDistribution> last = Optional.empty();

    @Override
    public void roundEnded(RoundResult result) {
        if (result instanceof RoundResult.Advanced advanced) {
            rounds++;
            sum = sum.plus(advanced.report().traffic().total().orElse(Traffic.Bytes.NONE));
        }
    }

    @Override
    public void evaluated(int round, ClientDistribution clients) {
        last = Optional.of(clients);
    }

    /** Two lines for people. */
    String text() {
        return String.format(
                Locale.ROOT,
                "bytes per round: %,d down, %,d up%naccuracy per client, on its own data: %s%n",
                sum.down() / Math.max(1, rounds),
                sum.up() / Math.max(1, rounds),
                last.map(ClientFigures::words).orElse("unknown"));
    }

    private static String words(ClientDistribution clients) {
        return String.format(
                Locale.ROOT,
                "mean %.4f, 10th percentile %.4f, worst %.4f of %d",
                clients.mean(),
                clients.tenthPercentile(),
                clients.worst(),
                clients.clients());
    }
}
