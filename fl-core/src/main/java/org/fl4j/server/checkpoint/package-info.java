/** What a run resumes from: the server's state and where it is kept. */
@NullMarked
package org.fl4j.server.checkpoint;

import org.jspecify.annotations.NullMarked;
