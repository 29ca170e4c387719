using System.Net.Sockets;

/// <summary>
/// Loaded by the runtime into every .NET process that is measured (DOTNET_STARTUP_HOOKS), HostApp as it ships too: tells how many bytes the
/// process has allocated to whoever connects to a Unix socket. Type and method have the names that the runtime looks for.
/// </summary>
internal static class StartupHook
{
    internal const string SocketVariable = "WIRE_SOCKET";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(SocketVariable) is { } path)
        {
            var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            new Thread(() => Answer(listener)) { IsBackground = true }.Start();
        }
    }

    private static void Answer(Socket listener)
    {
        while (true)
        {
            using var connection = listener.Accept();
            connection.Send(BitConverter.GetBytes(GC.GetTotalAllocatedBytes(precise: true)));
        }
    }
}
