package org.fl4j.privacy.kills;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.fl4j.privacy.dp.SeededNoise;
import org.fl4j.server.checkpoint.CheckpointStore;

/** The files of one run, and what its processes left behind to be judged by. */
record RunFolder(Path folder) {

    CheckpointStore checkpoints() {
        return CheckpointStore.in(folder.resolve("server"));
    }

    Path clients() {
        return folder.resolve("clients");
    }

    Path journal() {
        return folder.resolve("privacy.journal");
    }

    /** One byte for each round whose noise was drawn. */
    Path draws() {
        return folder.resolve("draws");
    }

    /** The round from which each process went on. */
    Path starts() {
        return folder.resolve("starts");
    }

    Path phase() {
        return folder.resolve("phase");
    }

    Path log() {
        return folder.resolve("log.txt");
    }

    long drawn() throws IOException {
        return Files.exists(draws()) ? Files.size(draws()) : 0;
    }

    long charged() throws IOException {
        return SeededNoise.charged(journal());
    }

    SortedSet<Integer> startedFrom() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(starts()));
        SortedSet<Integer> rounds = new TreeSet<>();
        while (bytes.remaining() >= Integer.BYTES) {
            rounds.add(bytes.getInt());
        }
        return rounds;
    }

    /** Empty before a process has begun. */
    Optional<Phase> lastPhase() throws IOException {
        byte[] phase = Files.exists(phase()) ? Files.readAllBytes(phase()) : new byte[0];
        return phase.length == 0 ? Optional.empty() : Optional.of(Phase.withCode(phase[0]));
    }
}
