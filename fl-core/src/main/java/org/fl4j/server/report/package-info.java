/** What the server says of its rounds, and who listens. */
@NullMarked
package org.fl4j.server.report;

import org.jspecify.annotations.NullMarked;
