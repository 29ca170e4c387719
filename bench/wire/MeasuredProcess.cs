using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Headroom.Routing.Wire;

/// <summary>A process that was started for the measurement and is killed with it.</summary>
internal sealed class MeasuredProcess : IDisposable
{
    // USER_HZ, 100 on every Linux that .NET runs on (proc(5)).
    private const double TicksPerSecond = 100;

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly string? _socket;

    private MeasuredProcess(Process process, string? socket)
    {
        _process = process;
        _socket = socket;
    }

    /// <summary>Starts a process and waits until it listens.</summary>
    /// <param name="core">The core that it is held to; <see langword="null"/> leaves it on those of the load.</param>
    /// <param name="socket">Where it tells what it allocated, if it is a .NET process.</param>
    internal static async Task<MeasuredProcess> StartAsync(
        string[] command, int? core, int port, string? socket, string log, CancellationToken cancellationToken)
    {
        // The shell gives way to the program, so that its id is the program's.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = Path.GetDirectoryName(log) };
        string[] pinned = core is { } one ? ["taskset", "-c", one.ToString(CultureInfo.InvariantCulture), .. command] : command;
        foreach (var arg in (string[])["-c", "exec \"$@\" > \"$0\" 2>&1 < /dev/null", log, .. pinned])
        {
            start.ArgumentList.Add(arg);
        }

        start.Environment["ASPNETCORE_ENVIRONMENT"] = start.Environment["DOTNET_ENVIRONMENT"] = "Production";
        start.Environment.Remove("ASPNETCORE_URLS");
        if (socket is not null)
        {
            File.Delete(socket);
            start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
            start.Environment[StartupHook.SocketVariable] = socket;
        }

        var started = new MeasuredProcess(Process.Start(start)!, socket);
        try
        {
            await started.WaitUntilListeningAsync(port, log, cancellationToken);
            return started;
        }
        catch
        {
            started.Dispose();
            throw;
        }
    }

    /// <summary>A port of 127.0.0.1 that nobody listens on.</summary>
    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>
    /// Time on the CPU, in user mode and in the kernel (proc(5), fields 14 and 15). Only the sum is exact: most kernels divide it by where their
    /// timer, of 250 ticks a second or so, finds the process.
    /// </summary>
    internal (TimeSpan User, TimeSpan Kernel) ReadCpu()
    {
        var stat = File.ReadAllText($"/proc/{_process.Id}/stat");

        // The second field is the program's name, which may hold spaces.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (Time(fields[11]), Time(fields[12]));

        static TimeSpan Time(string field) => TimeSpan.FromSeconds(long.Parse(field, CultureInfo.InvariantCulture) / TicksPerSecond);
    }

    /// <summary>Of each thread that lives: a sum would fall by all that a thread ever did as it ends.</summary>
    internal Dictionary<string, long> ReadContextSwitches()
    {
        var switches = new Dictionary<string, long>();
        foreach (var thread in Directory.GetDirectories($"/proc/{_process.Id}/task"))
        {
            try
            {
                switches[thread] = ReadStatus(thread, "voluntary_ctxt_switches") + ReadStatus(thread, "nonvoluntary_ctxt_switches");
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }

        return switches;
    }

    /// <summary>A line of <c>/proc/PID/status</c> that is in KB.</summary>
    internal long ReadKilobytes(string name) => ReadStatus($"/proc/{_process.Id}", name);

    /// <summary>Lets the peak of memory (VmHWM) begin anew.</summary>
    internal void ForgetPeak() => File.WriteAllText($"/proc/{_process.Id}/clear_refs", "5");

    /// <summary>What a .NET process has allocated since its start; <see langword="null"/> for others.</summary>
    internal long? ReadAllocatedBytes()
    {
        if (_socket is null)
        {
            return null;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_socket));
        Span<byte> answer = stackalloc byte[sizeof(long)];
        return socket.Receive(answer) == answer.Length ? BitConverter.ToInt64(answer) : throw new MeasurementException("A proxy does not tell what it allocated.");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static long ReadStatus(string folder, string name)
    {
        var line = File.ReadLines($"{folder}/status").First(line => line.StartsWith($"{name}:", StringComparison.Ordinal));
        return long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private async Task WaitUntilListeningAsync(int port, string log, CancellationToken cancellationToken)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < LongestStart;)
        {
            if (_process.HasExited)
            {
                throw new MeasurementException($"A process ended at its start: {await File.ReadAllTextAsync(log, cancellationToken)}");
            }

            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50, cancellationToken);
            }
        }

        throw new MeasurementException($"A process does not listen after {LongestStart.TotalSeconds} s: {await File.ReadAllTextAsync(log, cancellationToken)}");
    }
}
