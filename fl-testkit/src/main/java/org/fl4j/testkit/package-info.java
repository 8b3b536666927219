/**
 * For tests: contract suites to extend for aggregation rules, models, runners and stores of one's own, programs that must not
 * compile, a secure sum without security, and fixtures.
 */
@NullMarked
package org.fl4j.testkit;

import org.jspecify.annotations.NullMarked;
