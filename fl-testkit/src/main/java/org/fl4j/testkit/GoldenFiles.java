package org.fl4j.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.DynamicTest;

/**
 * Compares a module's binary forms with its golden files: hex dumps in {@code src/test/resources/golden}, one for each
 * form, so that a changed form shows in a diff. With the system property {@code golden.renew} the tests write the files
 * instead, and delete those of no form.
 *
 * <p>Expects to run in the module's folder, as Maven does.
 */
public final class GoldenFiles {

    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Path SOURCES = Path.of("src/main/java");
    private static final int LINE = 16;

    private static final String RENEW = "if the change is meant, renew the golden files and review their diff:"
            + " mvn -o test -Dgolden.renew -Dtest='*GoldenTest' -Dsurefire.failIfNoSpecifiedTests=false";

    /** A call that names a kind, its first argument or, for a file, its second: {@code BinaryWriter.toBytes(KIND, ...}. */
    private static final Pattern WRITER_CALL =
            Pattern.compile("\\b(?:BinaryWriter\\s*\\.\\s*(?:toBytes\\(|sha256\\(|toFile\\([^,]+,)"
                    + "|ComponentState\\s*\\.\\s*of\\()\\s*\"?([^,\"]+)");

    private GoldenFiles() {}

    /**
     * A binary form and an example of it.
     *
     * @param name the name of its golden file: the form's kind and, where there are several examples, which
     * @param writer the call that writes it: the source file and the kind as it stands there, {@code ServerState.KIND}
     * @param example a value with every field set to something telling, the same in every run
     * @param write the form
     * @param read its inverse
     */
    public record Form<T>(String name, String writer, T example, Function<T, byte[]> write, Function<byte[], T> read) {}

    /** Returns the form of a component's state, within a record of its own. */
    public static Form<ComponentState> ofState(String writer, ComponentState state) {
        String kind = "component-state";
        return new Form<>(
                state.kind(),
                writer,
                state,
                value -> BinaryWriter.toBytes(kind, 1, value::writeTo),
                bytes -> BinaryReader.fromBytes(bytes, kind, 1, ComponentState::readFrom));
    }

    /** Returns a digest of a form that is only hashed, from its hexadecimal digits. */
    public static Form<String> ofDigest(String name, String writer, String digest) {
        HexFormat hex = HexFormat.of();
        return new Form<>(name, writer, digest, hex::parseHex, hex::formatHex);
    }

    /** Returns a test for each form, and one each for files without a form and for writers without a form. */
    public static Stream<DynamicTest> tests(List<Form<?>> forms) {
        Stream<DynamicTest> each = forms.stream().map(form -> DynamicTest.dynamicTest(form.name(), () -> check(form)));
        return Stream.concat(
                each,
                Stream.of(
                        DynamicTest.dynamicTest("every golden file is of a form", () -> checkFiles(forms)),
                        DynamicTest.dynamicTest("every writer has a form", () -> checkWriters(forms))));
    }

    private static <T> void check(Form<T> form) throws IOException {
        byte[] written = form.write().apply(form.example());
        Path file = GOLDEN.resolve(form.name() + ".txt");
        if (Boolean.getBoolean("golden.renew")) {
            Files.createDirectories(GOLDEN);
            Files.writeString(file, String.join("\n", dump(written)) + "\n");
        }
        List<String> golden = Files.exists(file) ? Files.readAllLines(file, StandardCharsets.US_ASCII) : List.of();
        byte[] expected = bytes(golden);
        assertEquals(
                String.join("\n", golden),
                String.join("\n", dump(written)),
                () -> "form '" + form.name() + "' is not that of " + file
                        + (golden.isEmpty() ? ", which is missing" : difference(expected, written)) + "; " + RENEW);
        T back = form.read().apply(expected);
        assertEquals(form.example(), back, () -> file + " read back");
        assertArrayEquals(expected, form.write().apply(back), () -> file + " read back and written again");
    }

    private static String difference(byte[] expected, byte[] written) {
        return String.format(Locale.ROOT, ", first at offset %08x", Arrays.mismatch(expected, written));
    }

    private static void checkFiles(List<Form<?>> forms) throws IOException {
        Set<String> claimed = forms.stream().map(form -> form.name() + ".txt").collect(Collectors.toSet());
        List<Path> others = new ArrayList<>();
        for (Path file : files(GOLDEN)) {
            if (!claimed.contains(GOLDEN.relativize(file).toString())) {
                others.add(file);
            }
        }
        if (Boolean.getBoolean("golden.renew")) {
            for (Path other : others) {
                Files.delete(other);
            }
            return;
        }
        assertEquals(List.of(), others, "golden files of no form; " + RENEW);
        assertEquals(forms.size(), claimed.size(), "two forms have one name");
    }

    private static void checkWriters(List<Form<?>> forms) throws IOException {
        Set<String> calls = new TreeSet<>();
        for (Path source : files(SOURCES)) {
            String type = String.valueOf(source.getFileName()).replace(".java", "");
            WRITER_CALL
                    .matcher(Files.readString(source))
                    .results()
                    .forEach(call -> calls.add(type + "." + call.group(1)));
        }
        Set<String> named = forms.stream().map(Form::writer).collect(Collectors.toCollection(TreeSet::new));
        assertEquals(
                String.join("\n", calls),
                String.join("\n", named),
                "the calls in the sources that write a kind, and those that a form names; a new kind needs a form");
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** Offset, 16 bytes, and those of them that are printable ASCII. */
    private static List<String> dump(byte[] bytes) {
        List<String> lines = new ArrayList<>();
        HexFormat hex = HexFormat.ofDelimiter(" ");
        for (int from = 0; from < bytes.length; from += LINE) {
            byte[] line = Arrays.copyOfRange(bytes, from, Math.min(from + LINE, bytes.length));
            String text = new String(line, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", ".");
            lines.add(String.format(Locale.ROOT, "%08x  %-47s  |%s|", from, hex.formatHex(line), text));
        }
        return lines;
    }

    private static byte[] bytes(List<String> dump) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String line : dump) {
            bytes.writeBytes(
                    HexFormat.ofDelimiter(" ").parseHex(line.substring(10, 57).strip()));
        }
        return bytes.toByteArray();
    }
}
