package org.fl4j.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads plays: what each speaker says, for a federation of one client a speaker. A speech is a line {@code SPEAKER:} with text below, up to a blank
 * line:
 *
 * <pre>
 * First Citizen:
 * Before we proceed any further, hear me speak.
 *
 * All:
 * Speak, speak.
 * </pre>
 *
 * <p>What is no speech, such as a heading, is left out. Thread-safe.
 */
public final class SpeechReader {

    private static final String SPEAKER_ENDS = ":\n";

    private SpeechReader() {}

    /**
     * Reads a file in UTF-8.
     *
     * @param file with LF or CRLF line ends
     * @return by speaker, in order of first appearance, all that the speaker says, a line feed after each speech
     * @throws UncheckedIOException if the file cannot be read
     * @throws IllegalArgumentException if there is no speech in it
     */
    public static Map<String, String> read(Path file) {
        Map<String, StringBuilder> speakers = new LinkedHashMap<>();
        for (String speech : text(file).split("\n\n+", -1)) {
            int end = speech.indexOf(SPEAKER_ENDS);
            if (end > 0) {
                speakers.computeIfAbsent(speech.substring(0, end), name -> new StringBuilder())
                        .append(speech, end + SPEAKER_ENDS.length(), speech.length())
                        .append('\n');
            }
        }
        if (speakers.isEmpty()) {
            throw new IllegalArgumentException(file
                    + " must have speeches, a line 'SPEAKER:' with text below and a blank line after it, but has none");
        }
        Map<String, String> texts = new LinkedHashMap<>();
        speakers.forEach((speaker, text) -> texts.put(speaker, text.toString()));
        return texts;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file).replace("\r\n", "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
