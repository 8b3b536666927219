/**
 * Rules under which the server sees only a masked sum, both ends of them: {@link org.fl4j.secure.SecureRound} at the server,
 * {@link org.fl4j.secure.ParticipantSession} at each client, bytes in between.
 */
@NullMarked
package org.fl4j.secure;

import org.jspecify.annotations.NullMarked;
