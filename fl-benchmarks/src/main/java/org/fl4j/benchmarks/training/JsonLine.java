package org.fl4j.benchmarks.training;

import java.util.Locale;

/** One JSON object on one line, its fields in the order they were added. Not thread-safe. */
final class JsonLine {

    private static final int FIRST_PRINTABLE = 0x20;

    private final StringBuilder line = new StringBuilder();

    JsonLine add(String name, String value) {
        return raw(name, quoted(value));
    }

    JsonLine add(String name, long value) {
        return raw(name, Long.toString(value));
    }

    JsonLine add(String name, boolean value) {
        return raw(name, Boolean.toString(value));
    }

    /** With so many decimals; null, which is what JSON has for it, where the value is not finite. */
    JsonLine add(String name, double value, int decimals) {
        return raw(name, Double.isFinite(value) ? String.format(Locale.ROOT, "%." + decimals + "f", value) : "null");
    }

    private JsonLine raw(String name, String value) {
        line.append(line.length() == 0 ? "" : ", ")
                .append(quoted(name))
                .append(": ")
                .append(value);
        return this;
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < FIRST_PRINTABLE) {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    @Override
    public String toString() {
        return "{" + line + "}";
    }
}
