package org.fl4j.spark;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** What a class logs in this JVM while this is open, kept from the console. What executors log is in their files. */
final class CapturedLog implements AutoCloseable {

    private final Logger logger;
    private final Level before;
    private final Events events = new Events();

    private CapturedLog(Logger logger) {
        this.logger = logger;
        this.before = logger.getLevel();
        events.start();
        logger.addAppender(events);
        logger.setAdditive(false);
        logger.setLevel(Level.DEBUG);
    }

    static CapturedLog of(Class<?> source) {
        return new CapturedLog((Logger) LogManager.getLogger(source));
    }

    List<String> warnings() {
        return at(Level.WARN);
    }

    List<String> at(Level level) {
        return events.kept.stream()
                .filter(event -> event.getLevel().equals(level))
                .map(event -> event.getMessage().getFormattedMessage())
                .toList();
    }

    @Override
    public void close() {
        logger.removeAppender(events);
        logger.setLevel(before);
        logger.setAdditive(true);
    }

    private static final class Events extends AbstractAppender {

        private final List<LogEvent> kept = new CopyOnWriteArrayList<>();

        Events() {
            super("kept", null, null, false, Property.EMPTY_ARRAY);
        }

        @Override
        public void append(LogEvent event) {
            kept.add(event.toImmutable());
        }
    }
}
