package org.fl4j.remote;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Time that passes when a test says so, on the thread of the test. */
final class ManualTime implements Timing {

    private record Action(Duration at, Runnable action) {}

    private final List<Action> actions = new ArrayList<>();
    private Duration now = Duration.ofDays(-1);

    @Override
    public Duration now() {
        return now;
    }

    @Override
    public void after(Duration wait, Runnable action) {
        actions.add(new Action(now.plus(wait), action));
    }

    void pass(Duration time) {
        Duration end = now.plus(time);
        while (true) {
            Action next = actions.stream()
                    .filter(action -> action.at().compareTo(end) <= 0)
                    .min((a, b) -> a.at().compareTo(b.at()))
                    .orElse(null);
            if (next == null) {
                break;
            }
            actions.remove(next);
            now = next.at();
            next.action().run();
        }
        now = end;
    }
}
