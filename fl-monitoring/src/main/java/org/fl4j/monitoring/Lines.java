package org.fl4j.monitoring;

/** Text for formats of lines. */
final class Lines {

    private Lines() {}

    /** Without line breaks and other control characters, each of which becomes a space. */
    static String oneLine(String text) {
        return text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", " ");
    }

    /** A JSON string, quotes included. */
    static String json(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || (Character.isSurrogate(c) && !isPaired(text, i)) || c == '\u2028' || c == '\u2029') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    /** A field of RFC 4180; what a spreadsheet would take for a formula begins with an apostrophe. */
    static String csv(String text) {
        String line = oneLine(text);
        String plain = line.isEmpty() || "=+-@".indexOf(line.charAt(0)) < 0 ? line : "'" + line;
        return plain.indexOf(',') < 0 && plain.indexOf('"') < 0 ? plain : '"' + plain.replace("\"", "\"\"") + '"';
    }

    private static boolean isPaired(String text, int at) {
        char c = text.charAt(at);
        return Character.isHighSurrogate(c)
                ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
                : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
    }
}
