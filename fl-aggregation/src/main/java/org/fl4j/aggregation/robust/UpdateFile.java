package org.fl4j.aggregation.robust;

import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.fl4j.RunInterruptedException;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.jspecify.annotations.Nullable;

/** Deltas one after another in a temporary file, in the layout's dtype, read by position. */
final class UpdateFile implements HeldUpdates.Deltas {

    private static final int WRITE_CHUNK = 1 << 14;

    private final Path directory;
    private final ParameterLayout layout;
    private final int width;
    private @Nullable FileChannel file;
    private int size;

    UpdateFile(Path directory, ParameterLayout layout) {
        this.directory = directory;
        this.layout = layout;
        this.width = layout.bytesPerValue();
    }

    @Override
    public void add(ModelDelta delta) {
        double[] chunk = new double[Math.min(WRITE_CHUNK, layout.length())];
        try {
            FileChannel channel = opened();
            for (int from = 0; from < layout.length(); from += chunk.length) {
                int n = Math.min(chunk.length, layout.length() - from);
                delta.copyTo(from, n, chunk, 0);
                writeFully(channel, encoded(chunk, n), position(size, from));
            }
        } catch (IOException e) {
            throw failed("written", e);
        }
        size++;
    }

    @Override
    public ModelDelta get(int index) {
        double[] values = new double[layout.length()];
        copyTo(index, 0, values.length, values, 0);
        return ModelDelta.of(layout, values);
    }

    @Override
    public void copyTo(int index, int from, int n, double[] into, int at) {
        for (int done = 0; done < n; done += WRITE_CHUNK) {
            read(index, from + done, Math.min(WRITE_CHUNK, n - done), into, at + done);
        }
    }

    @Override
    public void close() {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            throw failed("closed", e);
        }
    }

    private void read(int index, int from, int n, double[] into, int at) {
        ByteBuffer bytes = ByteBuffer.allocate(n * width);
        try {
            FileChannel channel = opened();
            long position = position(index, from);
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, position + bytes.position()) < 0) {
                    throw new EOFException("it ends before update " + index + " does");
                }
            }
        } catch (IOException e) {
            throw failed("read", e);
        }
        bytes.flip();
        for (int i = 0; i < n; i++) {
            into[at + i] = width == Double.BYTES ? bytes.getDouble() : bytes.getFloat();
        }
    }

    private FileChannel opened() throws IOException {
        if (file == null) {
            file = FileChannel.open(Files.createTempFile(directory, "updates-", ".tmp"), READ, WRITE, DELETE_ON_CLOSE);
        }
        return file;
    }

    private ByteBuffer encoded(double[] values, int n) {
        ByteBuffer bytes = ByteBuffer.allocate(n * width);
        for (int i = 0; i < n; i++) {
            if (width == Double.BYTES) {
                bytes.putDouble(values[i]);
            } else {
                bytes.putFloat((float) values[i]);
            }
        }
        return bytes.flip();
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes, at + bytes.position());
        }
    }

    private long position(int index, int from) {
        return ((long) index * layout.length() + from) * width;
    }

    /** An interrupt closes the channel under every thread that reads from it, and keeps the interrupted one's flag. */
    private RuntimeException failed(String what, IOException e) {
        if (e instanceof ClosedChannelException) {
            return new RunInterruptedException("interrupted while updates were held in a file of '" + directory + "'");
        }
        return new UncheckedIOException("a round's updates could not be " + what + " in '" + directory + "': " + e, e);
    }
}
