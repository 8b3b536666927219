package org.fl4j.examples;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.fl4j.data.Examples;
import org.fl4j.data.NextCharacters;
import org.fl4j.data.SpeechReader;
import org.fl4j.data.TrainTest;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;

/**
 * A role of a play, or somebody who types.
 *
 * @param name of the role
 * @param text all that it says
 */
record Role(String name, String text) {

    private static final double TRAINING_SHARE = 0.8;
    private static final String FILE = "input.txt";

    /** What the generated ones have in common, and which letters they may write as which. */
    private static final List<String> WORDS = List.of(
            "the", "king", "shall", "come", "with", "thee", "and", "his", "sword", "before", "night", "falls", "upon",
            "our", "house", "my", "lord", "speak", "what", "news", "from", "rome", "that", "we", "may", "hear", "good",
            "friends", "are", "hence", "love", "is", "not", "so", "strange", "as", "death", "whose", "voice", "calls");

    private static final String SPELLED = "aeiostn";
    private static final int OWN_SPELLINGS = 3;
    private static final int FAVOURITES = 8;
    private static final int GENERATED_WORDS = 800;

    /** The speakers of the plays in a folder with most to say, the first of them the most talkative. */
    static List<Role> read(Path folder, int most) {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("there is no file " + file + "; --data names a folder with plays in "
                    + FILE + ": lines 'SPEAKER:', text below, blank lines between speeches");
        }
        List<Role> roles = new ArrayList<>();
        SpeechReader.read(file).forEach((name, text) -> roles.add(new Role(name, text)));
        roles.sort((a, b) -> Integer.compare(b.text().length(), a.text().length()));
        return roles.subList(0, Math.min(most, roles.size()));
    }

    /**
     * People who type the same words. Each has a few favourites, half of all that are typed, and spells three letters its own way.
     */
    static List<Role> generated(int people, long seed) {
        List<Role> roles = new ArrayList<>();
        for (int person = 0; person < people; person++) {
            String name = "person-" + person;
            DeterministicRandom random = new DeterministicRandom(Seeds.derive(seed, 0, name, "text"));
            int[] favourites = random.permutation(WORDS.size());
            int[] letters = random.permutation(SPELLED.length());
            StringBuilder text = new StringBuilder();
            for (int word = 0; word < GENERATED_WORDS; word++) {
                int which = random.nextDouble() < 0.5
                        ? favourites[random.nextInt(FAVOURITES)]
                        : random.nextInt(WORDS.size());
                text.append(WORDS.get(which)).append(' ');
            }
            String spelled = text.toString();
            for (int own = 0; own < OWN_SPELLINGS; own++) {
                char letter = SPELLED.charAt(letters[own]);
                spelled = spelled.replace(letter, Character.toUpperCase(letter));
            }
            roles.add(new Role(name, spelled));
        }
        return roles;
    }

    /** Sequences of the text: the first four fifths for training, the rest for the test. */
    TrainTest sequences(int length, int most) {
        Examples all = NextCharacters.of(text, length, most);
        int training = (int) (TRAINING_SHARE * all.size());
        if (training == 0) {
            throw new IllegalArgumentException("'" + name + "' must have text for at least two sequences of " + length
                    + " characters, but has " + text.length() + " characters; take fewer --roles");
        }
        return new TrainTest(all.select(range(0, training)), all.select(range(training, all.size())));
    }

    private static int[] range(int from, int to) {
        return IntStream.range(from, to).toArray();
    }
}
