package org.fl4j.internal;

import java.util.List;

/** Texts of logs and messages. */
public final class Texts {

    private static final int NAMED = 3;

    private Texts() {}

    /** The first few of many texts. */
    public static String firstOf(List<String> texts) {
        return String.join("; ", texts.subList(0, Math.min(NAMED, texts.size())))
                + (texts.size() > NAMED ? "; ..." : "");
    }
}
