package org.fl4j.monitoring;

import java.util.ArrayList;
import java.util.List;

/** Keeps what it gets. */
final class RecordingSink implements RunSink {

    final List<RunStart> starts = new ArrayList<>();
    final List<RoundRecord> rounds = new ArrayList<>();
    int ends;
    int closes;

    @Override
    public void runStarted(RunStart run) {
        starts.add(run);
    }

    @Override
    public void roundEnded(RoundRecord round) {
        rounds.add(round);
    }

    @Override
    public void runEnded() {
        ends++;
    }

    @Override
    public void close() {
        closes++;
    }
}
