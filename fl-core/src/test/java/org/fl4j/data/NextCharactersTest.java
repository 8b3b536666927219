package org.fl4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NextCharactersTest {

    private static final int A = 53;

    @TempDir
    private Path folder;

    @Test
    void targetsAreTheCharactersThatFollow() {
        Examples pairs = NextCharacters.of("abcd#f", 2, 5);

        assertEquals(2, pairs.size());
        assertEquals(List.of(1L, 2L), pairs.featureShape());
        float[] features = new float[2];
        pairs.copyFeatures(1, features, 0);
        assertArrayEquals(new float[] {A + 2, A + 3}, features);
        float[] expected = new float[NextCharacters.VOCABULARY * 2];
        expected[(A + 3) * 2] = 1;
        expected[(NextCharacters.VOCABULARY - 1) * 2 + 1] = 1;
        float[] targets = new float[expected.length];
        pairs.copyLabel(1, targets, 0);
        assertArrayEquals(expected, targets, "d after c, and what stands for # after d");
    }

    @Test
    void aTextNeedsOneCharacterMoreThanASequence() {
        assertEquals(0, NextCharacters.of("", 2, 5).size());
        assertEquals(0, NextCharacters.of("ab", 2, 5).size());
        assertEquals(1, NextCharacters.of("abcd", 2, 5).size());
        assertEquals(2, NextCharacters.of("abcdefghi", 2, 2).size());
    }

    @Test
    void speechesAreCollectedBySpeaker() throws Exception {
        Path play = folder.resolve("play.txt");
        Files.writeString(play, "A play\n\nFirst:\nOne: two,\nthree.\n\nSecond:\r\nFour.\r\n\r\nFirst:\nFive.\n");

        Map<String, String> speakers = SpeechReader.read(play);

        assertEquals(List.of("First", "Second"), List.copyOf(speakers.keySet()));
        assertEquals("One: two,\nthree.\nFive.\n\n", speakers.get("First"));
        assertEquals("Four.\n", speakers.get("Second"));
    }

    @Test
    void aFileWithoutSpeechesIsRejected() throws Exception {
        Path file = folder.resolve("list.txt");
        Files.writeString(file, "one\ntwo\n");
        assertEquals(
                file + " must have speeches, a line 'SPEAKER:' with text below and a blank line after it, but has none",
                assertThrows(IllegalArgumentException.class, () -> SpeechReader.read(file))
                        .getMessage());
    }
}
