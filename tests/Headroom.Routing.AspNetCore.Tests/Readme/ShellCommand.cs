using System.Text;

namespace Headroom.Routing.AspNetCore.Tests.Readme;

/// <summary>A command of a shell block.</summary>
/// <param name="Block">Where it stands.</param>
/// <param name="Words">What a shell makes of it: the words, without their quotes.</param>
internal sealed record ShellCommand(CodeBlock Block, IReadOnlyList<string> Words)
{
    /// <summary>The command in one line.</summary>
    public string Line => string.Join(' ', Words);

    public static IEnumerable<ShellCommand> In(CodeBlock block) => block.Text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => new ShellCommand(block, Split(line)));

    /// <summary>The request that it sends, if it is curl.</summary>
    /// <param name="replace">Replaces the addresses that pages speak of.</param>
    public HttpRequestMessage ToRequest(Func<string, string> replace)
    {
        var request = new HttpRequestMessage();
        List<string> headers = [];
        for (var i = 1; i < Words.Count; i++)
        {
            switch (Words[i])
            {
                case "-i":
                    break;
                case "-X":
                    request.Method = new HttpMethod(Words[++i]);
                    break;
                case "-d":
                    request.Method = HttpMethod.Post;
                    request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Words[++i]));
                    break;
                case "-H":
                    headers.Add(replace(Words[++i]));
                    break;
                case ['h', 't', 't', 'p', ..] url:
                    request.RequestUri = new Uri(replace(url));
                    break;
                default:
                    throw new FormatException($"{Block}: what is {Words[i]}?");
            }
        }

        foreach (var header in headers.Select(header => header.Split(": ", 2)))
        {
            Assert.IsTrue(request.Headers.TryAddWithoutValidation(header[0], header[1]) || request.Content!.Headers.TryAddWithoutValidation(header[0], header[1]));
        }

        return request;
    }

    private static List<string> Split(string line)
    {
        List<string> words = [];
        StringBuilder? word = null;
        var quote = '\0';
        foreach (var c in line)
        {
            if (quote == '\0' && c == ' ')
            {
                Add();
            }
            else if (c is '\'' or '"' && (quote == '\0' || quote == c))
            {
                quote = quote == '\0' ? c : '\0';
                word ??= new StringBuilder();
            }
            else
            {
                (word ??= new StringBuilder()).Append(c);
            }
        }

        Add();
        return words;

        void Add()
        {
            if (word is not null)
            {
                words.Add(word.ToString());
                word = null;
            }
        }
    }
}
