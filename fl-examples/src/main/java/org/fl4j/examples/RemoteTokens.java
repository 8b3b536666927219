package org.fl4j.examples;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.fl4j.ClientId;

/**
 * Whose token is whose, as the server knows it: by digests, from which no token can be had.
 *
 * @param digests of 32 random bytes each, as {@link #digest} writes them
 */
record RemoteTokens(Map<ClientId, String> digests) {

    RemoteTokens {
        digests = Map.copyOf(digests);
    }

    /** Takes the same time whoever holds the token, also nobody. */
    Optional<ClientId> holder(String token) {
        byte[] presented = digest(token).getBytes(StandardCharsets.US_ASCII);
        Optional<ClientId> holder = Optional.empty();
        for (Map.Entry<ClientId, String> each : digests.entrySet()) {
            if (MessageDigest.isEqual(presented, each.getValue().getBytes(StandardCharsets.US_ASCII))) {
                holder = Optional.of(each.getKey());
            }
        }
        return holder;
    }

    /** SHA-256, in hexadecimal digits. */
    static String digest(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256, this one does not", e);
        }
    }
}
