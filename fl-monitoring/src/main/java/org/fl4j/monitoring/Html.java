package org.fl4j.monitoring;

/** Text within HTML. */
final class Html {

    private Html() {}

    /** As text or within quotes of any kind. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** A number for people: six digits, large ones by thousands, millions and billions. */
    static String brief(double value) {
        double size = Math.abs(value);
        if (size >= 1e9 && size < 1e15) {
            return Numbers.brief(value / 1e9) + "G";
        }
        if (size >= 1e6 && size < 1e9) {
            return Numbers.brief(value / 1e6) + "M";
        }
        return size >= 1e4 && size < 1e6 ? Numbers.brief(value / 1e3) + "k" : Numbers.brief(value);
    }

    /** A row of a table with two columns. */
    static String row(String name, String value) {
        return "<tr><th>" + escape(name) + "</th><td>" + escape(value) + "</td></tr>\n";
    }
}
