/**
 * Secure aggregation: the server learns the sum of the clients' vectors and nothing else of them. {@link SecureSum} puts a rule
 * under masks; {@link FixedPoint}, {@link DropoutTolerance} and the identities are its settings.
 * {@link SharedSum} splits contributions among two or three servers instead, of which those that do not lead are {@link ShareHolder}s.
 *
 * <p>Not public here are the two halves of the protocol, {@link ServerSession} with its stages and {@link ClientSession}. Beneath
 * them, each using those before it only: {@code internal.crypto}, {@code internal.cohort}, {@code internal.sharing},
 * {@code internal.vector}, {@code internal.message}.
 */
@NullMarked
package org.fl4j.privacy.secagg;

import org.jspecify.annotations.NullMarked;
