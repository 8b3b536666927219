package org.fl4j.privacy.dp;

import java.util.List;

/** Who adds the noise, and so who must be trusted. */
public enum PrivacyModel {
    /** The server adds noise to the sum; it must be trusted with the sum, and with each update unless updates are masked. */
    CENTRAL,
    /** Each client adds noise to its own update; no other party must be trusted. */
    LOCAL;

    String adjacency() {
        return switch (this) {
            case CENTRAL -> "zero-out: one client's contribution is replaced by nothing; the list of clients is public";
            case LOCAL ->
                "replace: a client's data are replaced by any other data; the sensitivity is twice the clip norm";
        };
    }

    List<String> covered() {
        return switch (this) {
            case CENTRAL ->
                List.of(
                        "the global weights of every round and of every checkpoint",
                        "the rule's metrics, such as the noised clip fraction");
            case LOCAL -> List.of("the client's update, and all that is computed from it");
        };
    }

    String gap() {
        return switch (this) {
            case CENTRAL -> "updates in the memory of the server, which is trusted with them unless they are masked";
            case LOCAL -> "that the client took part or failed, and when";
        };
    }
}
