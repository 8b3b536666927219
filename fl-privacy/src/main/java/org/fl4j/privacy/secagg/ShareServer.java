package org.fl4j.privacy.secagg;

import java.security.PublicKey;

/**
 * A server of a {@link SharedSum} that holds shares and does not lead, as the others see it: its identity and a way to reach it.
 *
 * <p>A host's leading server implements it over a transport of its own, which authenticates both ends; at the far end a {@link
 * ShareHolder} answers. Clients need its {@linkplain #known identity} alone, from a source that the leading server cannot
 * write to, such as a file that ships with them: a leading server that could replace it could play this server as well.
 */
public interface ShareServer {

    /**
     * Signs the server's key of each round.
     *
     * @return an Ed25519 key, always the same
     */
    PublicKey identity();

    /**
     * Carries a message of the leading server and returns the answer.
     *
     * <p>Called on the leading server's thread, once for each message and in order: it must not be sent twice, nor be repeated after a
     * failure.
     *
     * @param message its bytes
     * @return the bytes that {@link ShareHolder#answer} returned
     * @throws Exception for any reason; the round then ends without a sum
     */
    byte[] answer(byte[] message) throws Exception;

    /**
     * A server that is known here and cannot be reached: for the configuration of clients and of the other servers.
     *
     * @param identity an Ed25519 key
     * @return whose {@link #answer} throws
     */
    static ShareServer known(PublicKey identity) {
        return new ShareServer() {

            @Override
            public PublicKey identity() {
                return identity;
            }

            @Override
            public byte[] answer(byte[] message) {
                throw new IllegalStateException(
                        "this end knows the identity of a server that holds shares and no way to reach it; the leading server"
                                + " needs a ShareServer over a transport");
            }
        };
    }
}
