using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Headroom.Routing.Wire;

/// <summary>What the command line asks for.</summary>
internal sealed record Settings
{
    internal static string Usage { get; } = $"""
        bench/wire/run.sh [options]
          --quick            one short round of everything, to see that it works; its figures mean nothing
          --modes A,B        of: {string.Join(", ", Mode.All.Select(mode => mode.Name))}
          --loads A,B        of: {string.Join(", ", Load.All.Select(load => load.Name))}
          --processes N      1 of each mode. A process may be a tenth slower than the next of the same program for as long as it lives, so to
                             decide less than that, take several; a whole run, of 75 minutes, takes N times as long
          --rounds N         5; their medians are printed
          --seconds N        8, for each process and load in a round
          --warm N           40, for each process, shared by the loads
          --connections N    64, of a load that asks as fast as it is answered
          --rate N           3000 requests a second, of the load that asks at a fixed rate
          --streams N        2000, of the load "slow"; together they send 1,000 events a second
          --samples FILE     every single figure, separated by tabs
        """;

    public IReadOnlyList<Mode> Modes { get; private set; } = Mode.All;

    public IReadOnlyList<Load> Loads { get; private set; } = Load.All;

    public int Processes { get; private set; } = 1;

    public int Rounds { get; private set; } = 5;

    public TimeSpan Duration { get; private set; } = TimeSpan.FromSeconds(8);

    public TimeSpan Warm { get; private set; } = TimeSpan.FromSeconds(40);

    public int Connections { get; private set; } = 64;

    public int Rate { get; private set; } = 3000;

    public int Streams { get; private set; } = 2000;

    public string? SamplesFile { get; private set; }

    internal static bool TryParse(string[] args, [NotNullWhen(true)] out Settings? settings, [NotNullWhen(false)] out string? message)
    {
        var read = new Settings();
        settings = null;
        message = null;
        try
        {
            for (var i = 0; i < args.Length; i++)
            {
                switch (args[i])
                {
                    case "--quick":
                        (read.Rounds, read.Duration, read.Warm) = (1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
                        (read.Rate, read.Streams) = (500, 200);
                        break;

                    default:
                        read.Read(args[i], i + 1 < args.Length ? args[++i] : throw new FormatException($"{args[i]} needs a value, or is no option."));
                        break;
                }
            }
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            message = $"error: {exception.Message}\n\n{Usage}";
            return false;
        }

        settings = read;
        return true;
    }

    private void Read(string option, string value)
    {
        switch (option)
        {
            case "--modes":
                Modes = Choose(value, Mode.All, mode => mode.Name);
                break;
            case "--loads":
                Loads = Choose(value, Load.All, load => load.Name);
                break;
            case "--processes":
                Processes = Count(value);
                break;
            case "--rounds":
                Rounds = Count(value);
                break;
            case "--seconds":
                Duration = TimeSpan.FromSeconds(Count(value));
                break;
            case "--warm":
                Warm = TimeSpan.FromSeconds(Count(value));
                break;
            case "--connections":
                Connections = Count(value);
                break;
            case "--rate":
                Rate = Count(value);
                break;
            case "--streams":
                Streams = Count(value);
                break;
            case "--samples":
                SamplesFile = Path.GetFullPath(value);
                break;
            default:
                throw new FormatException($"There is no option {option}.");
        }
    }

    private static int Count(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= 100_000
            ? count
            : throw new FormatException($"{value} is no number from 1 to 100000.");

    private static T[] Choose<T>(string value, IReadOnlyList<T> all, Func<T, string> name) =>
        [.. value.Split(',').Select(one => all.FirstOrDefault(known => name(known) == one) ?? throw new FormatException($"There is no {one}; known are {string.Join(", ", all.Select(name))}."))];
}
