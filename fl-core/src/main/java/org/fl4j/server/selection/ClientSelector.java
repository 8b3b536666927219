package org.fl4j.server.selection;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.internal.Check;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ComponentState;

/**
 * Chooses the cohort of a round.
 *
 * <p>Immutable and thread-safe; what it remembers is in the {@link Context}. The same context gives the same
 * cohort, but for selectors whose {@link #scheme} says they draw from a cryptographic generator.
 */
public interface ClientSelector {

    /**
     * Chooses.
     *
     * @param context the round and the population
     * @return the cohort
     */
    Selection select(Context context);

    /**
     * How it draws: what a privacy accountant may assume.
     *
     * @return the scheme
     */
    SamplingScheme scheme();

    /**
     * Whether it selects more clients where over-selection asks for them, and says how many of them are enough.
     *
     * @return true of a uniform sample of fixed size, also {@link #among} available clients
     */
    default boolean overSelects() {
        return scheme() instanceof SamplingScheme.FixedSize;
    }

    /**
     * Whether it can {@link #fill} places one by one, as asynchronous rounds need it.
     *
     * @return true of {@link #uniform}, {@link #roundRobin} and {@link #all}, also {@link #among} available clients and with
     *     {@link #quarantining}
     */
    default boolean fillsPlaces() {
        return false;
    }

    /**
     * Chooses clients for places that have become free, of asynchronous rounds. With nobody taken, a uniform sample or turns
     * of that size. In a round in which no place becomes free, a selector that keeps a state is asked once with everybody taken.
     *
     * @param context the round in which they start; called several times a round, each with a seed of its own
     * @param places how many clients at most, at least 1; a size of the selector's own is not used
     * @param taken who must not be chosen
     * @return different clients in the order of their start, none taken; fewer if there are no more
     * @throws UnsupportedOperationException unless {@link #fillsPlaces}
     */
    default Selection fill(Context context, int places, Predicate<? super ClientId> taken) {
        throw new UnsupportedOperationException(scheme() + " cannot fill places one by one");
    }

    /**
     * The next moment at which it can select a client that it cannot before.
     *
     * @param time since the run's start, as the runner counts it
     * @return after that; empty unless it is {@link #among} clients whose availability goes by time
     */
    default Optional<Duration> next(Duration time) {
        return Optional.empty();
    }

    /**
     * Every client in every round, in the population's order.
     *
     * @return the selector
     */
    static ClientSelector all() {
        return new EveryClientSelector();
    }

    /**
     * A uniform sample of fixed size without replacement, derived from the run's seed.
     *
     * @param size how many clients, at least 1; all of them if the population is smaller
     * @return the selector
     * @throws IllegalArgumentException if the size is below 1
     */
    static ClientSelector uniform(int size) {
        return new UniformSelector(size);
    }

    /**
     * Every client independently with the same probability, from a cryptographic generator: the sampling that amplifies
     * privacy. Cohorts differ from run to run even with the same seed; that is what the amplification rests on.
     *
     * @param probability in (0, 1]; the cohort's expected size is this times the population, its real size varies and
     *     may be 0
     * @return the selector
     * @throws IllegalArgumentException if the probability is out of range
     */
    static ClientSelector poisson(double probability) {
        return PoissonSelector.fresh(probability);
    }

    /**
     * Turns: in the population's order, each round going on where the last one stopped, and from the start again after the
     * end. Abandoned rounds advance the position as well, so clients that never answer do not hold up the others.
     *
     * <ul>
     *   <li>Never a client twice in a cohort: all of them if the population is smaller.
     *   <li>Turns are counted by position. If the population changes, rounds go on at the same position, counted anew from
     *       its start where it has become shorter; a few clients may then be passed over once or asked again.
     * </ul>
     *
     * @param size how many clients, at least 1
     * @return the selector
     * @throws IllegalArgumentException if the size is below 1
     */
    static ClientSelector roundRobin(int size) {
        return new RoundRobinSelector(size);
    }

    /**
     * Groups in turn: each client belongs to one of {@code rounds} groups, by a hash of its id alone, and round r asks all of
     * group (r - 1) mod rounds, in the population's order. So no client is in two of {@code rounds} successive rounds,
     * also after abandoned ones, a resume, and changes of the population: what the matrix mechanism of fl-privacy requires.
     *
     * <ul>
     *   <li>A group has the population over {@code rounds} clients on average; the share of a population of a few hundred may
     *       be off by a tenth and more. An empty group is an empty cohort.
     *   <li>Retries are rejected, as they would ask a group twice in its round.
     * </ul>
     *
     * @param rounds b, at least 1; with 1 it is {@link #all}
     * @return the selector
     * @throws IllegalArgumentException if it is below 1
     */
    static ClientSelector separated(int rounds) {
        return new SeparatedSelector(rounds);
    }

    /**
     * Power-of-choice: draws candidates, and takes those whose training loss was largest when they last took part. Faster
     * than a uniform sample where clients differ, at the price of a bias towards clients that are hard to fit.
     *
     * <ul>
     *   <li>A client that has not completed a round counts as one of infinite loss; ties stay in drawn order. So one that
     *       never completes is taken whenever it is drawn: see {@link #among} for clients known to be away.
     *   <li>One that took no step ({@value org.fl4j.client.ClientUpdate#STEPS} is 0), as it has fewer examples than a
     *       mini-batch must have, has no loss: it keeps the one it had, and comes last if it had none.
     *   <li>With as many candidates as the size it is a uniform sample, with as many as the population it is greedy.
     *   <li>Only rounds that advanced teach it losses. One in which no update has a scalar
     *       {@value org.fl4j.client.ClientUpdate#LOSS}, though steps were taken, is an {@link IllegalStateException}.
     *   <li>What it remembers is 20 to 30 bytes a client that ever completed, in {@link ServerState#selector}; a round
     *       costs time in proportion.
     * </ul>
     *
     * <p>Privacy: the server must see each client's loss, so private and secure rules reject it.
     *
     * <p>Source: Y. J. Cho, J. Wang, G. Joshi, "Client Selection in Federated Learning: Convergence Analysis and
     * Power-of-Choice Selection Strategies", 2020, section 4, the variant pi_rpow-d,
     * <a href="https://arxiv.org/abs/2010.01243">arXiv:2010.01243</a>.
     *
     * @implNote The paper draws candidates with probabilities in proportion to their data, which a server does not know
     *     before they take part; here the draw is uniform.
     * @param size how many clients, at least 1; the paper's m
     * @param candidates how many are drawn to choose from, at least the size; the paper's d
     * @return the selector
     * @throws IllegalArgumentException if the size is below 1 or above the candidates
     */
    static Informed powerOfChoice(int size, int candidates) {
        return new PowerOfChoiceSelector(size, candidates);
    }

    /**
     * This selector, over the clients that are available in a round. It sees no others: its size is of those available, and turns
     * are by position among them. A round without an available client is abandoned.
     *
     * <p>Its scheme is {@link SamplingScheme.Other}, so it amplifies no privacy. It over-selects if this does. Every client of the
     * population is checked in every round.
     *
     * @param availability a function of round, time and client alone
     * @return the selector
     */
    default ClientSelector among(Availability availability) {
        return new AvailableSelector(this, availability);
    }

    /**
     * This selector, with cohorts in the population's order: clients whose data are beside each other then train in one block, as those
     * of one partition of a cluster do. The same clients are chosen; sums have other bits than in drawn order. Places of asynchronous rounds are
     * filled as without it.
     *
     * @return the selector
     */
    default ClientSelector inOrder() {
        return new OrderedSelector(this);
    }

    /**
     * This selector, without clients that failed too often in a row: they are left out for some rounds, and again after
     * the next failure. It sees no others, as {@link #among} available clients. A client failed that threw, was late,
     * answered with nonsense or was still at work on an earlier call; one that was not needed or whose turn did not come
     * did not. Only rounds that advanced count.
     *
     * <p>Privacy: the server must see who fails, so private and secure rules reject it.
     *
     * @param failures in a row, at least 1
     * @param rounds how many rounds a client is left out, at least 1
     * @throws IllegalArgumentException if one is below 1
     */
    default Informed quarantining(int failures, int rounds) {
        return new QuarantineSelector(this, failures, rounds);
    }

    /**
     * The cohort of a round.
     *
     * @param cohort different clients; their order is the order of summation
     * @param enough how many completed clients end the round; {@link Integer#MAX_VALUE} to wait for all
     * @param state what the selector remembers for the next round
     */
    record Selection(List<ClientId> cohort, int enough, ComponentState state) {

        /**
         * Copies the list and checks the range.
         *
         * @throws IllegalArgumentException if enough is below 1
         */
        public Selection {
            Check.atLeast("enough", enough, 1);
            cohort = List.copyOf(cohort);
        }

        /**
         * A cohort that is waited for, from a selector that remembers nothing.
         *
         * @param cohort the clients
         * @return the selection
         */
        public static Selection of(List<ClientId> cohort) {
            return new Selection(cohort, Integer.MAX_VALUE, ComponentState.EMPTY);
        }
    }

    /**
     * What a selector selects from.
     *
     * @param round counted from 1
     * @param population all clients
     * @param overSelection the share of additional clients asked for
     * @param state what the selector left after the last round; {@link ComponentState#EMPTY} at first
     * @param seed derived for the selector and the round
     * @param time since the run's start as the runner counts it; zero on the real clock
     */
    record Context(
            int round,
            List<ClientId> population,
            double overSelection,
            ComponentState state,
            long seed,
            Duration time) {

        /** A context of a run that counts no time. */
        public Context(int round, List<ClientId> population, double overSelection, ComponentState state, long seed) {
            this(round, population, overSelection, state, seed, Duration.ZERO);
        }

        /** Returns a copy with another population. */
        public Context withPopulation(List<ClientId> others) {
            return new Context(round, others, overSelection, state, seed, time);
        }

        /** Returns a copy with another state, of a selector inside another. */
        public Context withState(ComponentState other) {
            return new Context(round, population, overSelection, other, seed, time);
        }
    }

    /**
     * Which clients can be asked in a round: charging and on Wi-Fi, awake in their time zone, enrolled by then.
     *
     * <p>It must be a function of its arguments alone, with no clock and no state: a run resumed from a checkpoint asks again, and gets
     * the same bits only for the same answers. What is known at run time only, such as who is connected, belongs in the
     * population ({@link org.fl4j.client.ClientProvider#ids}) or in the deadline.
     */
    @FunctionalInterface
    interface Availability {

        /**
         * Whether a client can be asked.
         *
         * @param round counted from 1
         * @param client of the population
         * @return true if the selector may choose it
         */
        boolean isAvailable(int round, ClientId client);

        /**
         * Whether a client can be asked in a round that begins at a time, for those that go by it.
         *
         * @param round counted from 1
         * @param time since the run's start as the runner counts it; zero on the real clock
         * @param client of the population
         * @return {@link #isAvailable(int, ClientId)} unless overridden
         */
        default boolean isAvailable(int round, Duration time, ClientId client) {
            return isAvailable(round, client);
        }

        /**
         * The next moment at which a client becomes available, for those that go by time. A round for which nobody is available
         * moves the time there, where the runner counts time; a server whose runner does not is not built with it.
         *
         * @param time since the run's start
         * @return after that; empty if none becomes available any more, and for all that do not go by time
         */
        default Optional<Duration> next(Duration time) {
            return Optional.empty();
        }
    }

    /**
     * A selector that goes by how earlier rounds went for single clients. The server shows it each round's outcomes, so no
     * server is built with it whose rule is private (outcomes must stay inside) or secure (what clients report does not
     * arrive).
     *
     * <p>Privacy: whom it chooses depends on what clients reported.
     */
    interface Informed extends ClientSelector {

        /**
         * Learns from a round. Called once after each round that {@linkplain RoundResult.Advanced advanced}; a round that came
         * to nothing teaches nothing, as its state is the one before.
         *
         * @param state what {@link #select} left for this round's cohort
         * @param outcomes the outcome of each client, in the order of the cohort
         * @return what to remember for the next round
         */
        ComponentState observe(ComponentState state, List<ClientOutcome<ClientUpdate.Receipt>> outcomes);

        @Override
        default Informed among(Availability availability) {
            return new ViewOfInformedSelector(this, new AvailableSelector(this, availability));
        }

        @Override
        default Informed inOrder() {
            return new ViewOfInformedSelector(this, new OrderedSelector(this));
        }
    }
}
