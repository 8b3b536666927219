package org.fl4j.monitoring;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.server.report.Disclosure;

/** What MLflow is told of runs, message by message. On one thread. */
final class MlflowSession implements OutboundQueue.Sender<MlflowSession.Message> {

    /** The most that one request may have. */
    private static final int METRICS = 1000;

    private static final int PARAMETERS = 100;
    private static final int VALUE_LENGTH = 500;
    private static final int KEY_LENGTH = 250;
    private static final String RUN_TAG = "fl4j.run";

    /** What happened. */
    sealed interface Message {
        record Start(RunStart run) implements Message {}

        record Round(RoundRecord record) implements Message {}

        record End(RunStart run, long millis) implements Message {}
    }

    private final MlflowRequests requests;
    private final String experiment;
    private String run = "";
    private Optional<String> id = Optional.empty();

    /** Those of a run that was created, until they are sent. */
    private List<String> parameters = List.of();

    MlflowSession(MlflowRequests requests, String experiment) {
        this.requests = requests;
        this.experiment = experiment;
    }

    @Override
    public void send(Deque<Message> messages) throws IOException, InterruptedException, OutboundQueue.RefusedException {
        Message first = messages.getFirst();
        if (first instanceof Message.Start start) {
            start(start.run());
            messages.remove();
        } else if (first instanceof Message.End end) {
            end(end);
            messages.remove();
        } else {
            rounds(messages);
        }
    }

    /** A run that goes on is found by its tag, also by another process. */
    private void start(RunStart start) throws IOException, InterruptedException, OutboundQueue.RefusedException {
        if (!start.run().equals(run)) {
            run = start.run();
            id = Optional.empty();
            parameters = List.of();
        }
        if (id.isEmpty() && start.from() > 0) {
            id = requests.post(
                    "runs/search",
                    "{\"experiment_ids\":[" + Lines.json(experiment) + "],\"filter\":"
                            + Lines.json("tags.`" + RUN_TAG + "` = '" + run + "'") + ",\"max_results\":1}");
        }
        if (id.isPresent()) {
            requests.post("runs/update", "{\"run_id\":" + Lines.json(id.get()) + ",\"status\":\"RUNNING\"}");
        } else {
            id = Optional.of(create(start));
            parameters = entries(start.parameters());
        }
        for (int from = 0; from < parameters.size(); from += PARAMETERS) {
            batch("params", parameters.subList(from, Math.min(parameters.size(), from + PARAMETERS)));
        }
        parameters = List.of();
    }

    private String create(RunStart start) throws IOException, InterruptedException, OutboundQueue.RefusedException {
        return requests.post(
                        "runs/create",
                        "{\"experiment_id\":" + Lines.json(experiment) + ",\"run_name\":" + Lines.json(run)
                                + ",\"start_time\":" + start.at().toEpochMilli() + ",\"tags\":[{\"key\":\"" + RUN_TAG
                                + "\",\"value\":" + Lines.json(run) + "}]}")
                .orElseThrow(() -> new OutboundQueue.RefusedException("runs/create: the answer has no run_id"));
    }

    private static List<String> entries(Map<String, String> parameters) {
        List<String> entries = new ArrayList<>();
        parameters.forEach((name, value) -> entries.add("{\"key\":"
                + Lines.json(cut(name.replaceAll("[^A-Za-z0-9_./ -]", "_"), KEY_LENGTH)) + ",\"value\":"
                + Lines.json(cut(value, VALUE_LENGTH)) + "}"));
        return entries;
    }

    /** As many rounds as one request may have; a round of a run that could not be begun is refused. */
    private void rounds(Deque<Message> messages)
            throws IOException, InterruptedException, OutboundQueue.RefusedException {
        List<String> metrics = new ArrayList<>();
        int sent = 0;
        for (Message message : messages) {
            if (!(message instanceof Message.Round round)
                    || (sent > 0 && metrics.size() + round.record().figures().size() > METRICS)) {
                break;
            }
            addMetrics(metrics, round.record());
            sent++;
        }
        for (int from = 0; from < metrics.size(); from += METRICS) {
            batch("metrics", metrics.subList(from, Math.min(metrics.size(), from + METRICS)));
        }
        for (int i = 0; i < sent; i++) {
            messages.remove();
        }
    }

    private static void addMetrics(List<String> metrics, RoundRecord round) {
        for (Map.Entry<String, Double> figure : round.figures().entrySet()) {
            metrics.add("{\"key\":" + Lines.json(figure.getKey()) + ",\"value\":" + Numbers.exact(figure.getValue())
                    + ",\"timestamp\":" + round.at().toEpochMilli() + ",\"step\":" + round.round() + "}");
        }
    }

    /** When a run ended says how long its rounds took. */
    private void end(Message.End end) throws IOException, InterruptedException, OutboundQueue.RefusedException {
        String time = end.run().disclosure() == Disclosure.RELEASES ? "" : ",\"end_time\":" + end.millis();
        requests.post("runs/update", "{\"run_id\":" + Lines.json(begun()) + ",\"status\":\"FINISHED\"" + time + "}");
    }

    private void batch(String what, List<String> entries)
            throws IOException, InterruptedException, OutboundQueue.RefusedException {
        requests.post(
                "runs/log-batch",
                "{\"run_id\":" + Lines.json(begun()) + ",\"" + what + "\":[" + String.join(",", entries) + "]}");
    }

    private String begun() throws OutboundQueue.RefusedException {
        return id.orElseThrow(() -> new OutboundQueue.RefusedException("the run could not be begun"));
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
    }
}
