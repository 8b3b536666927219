/** How good the weights are: on the server's data, and on the clients'. */
@NullMarked
package org.fl4j.server.evaluation;

import org.jspecify.annotations.NullMarked;
