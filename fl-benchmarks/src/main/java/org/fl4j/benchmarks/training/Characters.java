package org.fl4j.benchmarks.training;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.fl4j.data.Examples;
import org.fl4j.data.NextCharacters;
import org.fl4j.data.SpeechReader;
import org.fl4j.model.LocalTraining;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;
import org.fl4j.simulation.Population;

/** The next-character workload: a client for each speaker of a play, or for each of some generators of text. */
final class Characters {

    static final int LENGTH = 80;

    private static final int COHORT = 10;
    private static final int SEQUENCES = 50;
    private static final String FILE = "input.txt";

    private Characters() {}

    /** The LSTM of McMahan et al. (AISTATS 2017), batch 10, one epoch; the last speakers are held out. */
    static Workload lstm(WorkloadOptions options) {
        int sequences = options.examplesOr(SEQUENCES);
        int wanted = options.clientsOr(100);
        List<String> texts = options.data()
                .map(folder -> speeches(folder.resolve(FILE)))
                .orElseGet(() -> generated(wanted + 2, options.seed));
        int clients = Math.min(wanted, texts.size() - 2);
        List<Examples> heldOut = texts.subList(clients, Math.min(texts.size(), clients + 10)).stream()
                .map(text -> sequences(text, sequences))
                .toList();
        return new Workload(
                (options.data().isPresent() ? "Shakespeare" : "generated text") + ", a speaker a client",
                Population.generated(clients, client -> sequences(texts.get(client), sequences)),
                Examples.union(heldOut),
                () -> Networks.characters(NextCharacters.VOCABULARY, LENGTH),
                // DL4J sums the loss over the steps of a sequence: this is 0.8 for the mean over its characters.
                LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.8 / LENGTH),
                options.cohortOr(Math.min(COHORT, clients)),
                options.roundsOr(10),
                5);
    }

    static Examples sequences(String text, int most) {
        return NextCharacters.of(text, LENGTH, most);
    }

    /** What each speaker says in all, of those who say enough for a sequence, in the order in which they appear. */
    private static List<String> speeches(Path file) {
        List<String> texts = new ArrayList<>(SpeechReader.read(file).values());
        texts.removeIf(text -> text.length() <= LENGTH);
        if (texts.size() <= 2) {
            throw new IllegalArgumentException(file + " must have speeches longer than " + LENGTH
                    + " characters of at least three speakers, but has them of " + texts.size());
        }
        return texts;
    }

    /** Each letter follows on the one before by a small step: something to learn, of the shape of the real thing. */
    private static List<String> generated(int clients, long seed) {
        List<String> texts = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            DeterministicRandom random = new DeterministicRandom(Seeds.derive(seed, client, "text"));
            StringBuilder text = new StringBuilder();
            int last = random.nextInt(26);
            for (int i = 0; i <= SEQUENCES * LENGTH; i++) {
                last = (last + 1 + random.nextInt(3)) % 26;
                text.append((char) ('a' + last));
            }
            texts.add(text.toString());
        }
        return texts;
    }
}
