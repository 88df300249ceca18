using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Portkey.Portal.Provisioning.Common.Reading;

/// <summary>
/// The only way the portal reads YAML. Limits are checked on the parser's events, one by one, so that nothing is built, and nothing calls
/// itself, any deeper than they allow.
/// </summary>
public static class BoundedYaml
{
    /// <summary>The roots of the documents in a text.</summary>
    /// <exception cref="UnreadableException">Past a limit, or not YAML.</exception>
    public static IReadOnlyList<YamlNode> Read(string text, ReadLimits limits) =>
        Guarded(
            limits,
            () =>
            {
                var stream = new YamlStream();
                stream.Load(Open(text, limits));
                return (IReadOnlyList<YamlNode>)[.. stream.Documents.Select(d => d.RootNode)];
            }
        );

    /// <summary>The same for a file, which is not even opened where it is too large.</summary>
    /// <exception cref="UnreadableException">Past a limit, or not YAML.</exception>
    public static IReadOnlyList<YamlNode> ReadFile(string path, ReadLimits limits) => Read(TextOf(path, limits), limits);

    /// <summary>Only checks that a text is YAML within the limits; for what a library or another program reads afterwards.</summary>
    /// <exception cref="UnreadableException">Past a limit, or not YAML.</exception>
    public static void Check(string text, ReadLimits limits) =>
        Guarded(
            limits,
            () =>
            {
                var events = Open(text, limits);
                while (events.MoveNext())
                {
                    // Every event is looked at as it passes.
                }

                return true;
            }
        );

    /// <summary>The same for a file.</summary>
    /// <exception cref="UnreadableException">Past a limit, or not YAML.</exception>
    public static void CheckFile(string path, ReadLimits limits) => Check(TextOf(path, limits), limits);

    /// <summary>Walks the events of a text with the caller's own reader.</summary>
    /// <exception cref="UnreadableException">Past a limit, or not YAML.</exception>
    public static T Walk<T>(string text, ReadLimits limits, Func<IParser, T> walk) => Guarded(limits, () => walk(Open(text, limits)));

    /// <summary>Text of a file that is small enough.</summary>
    internal static string TextOf(string path, ReadLimits limits)
    {
        // A character takes at least one byte.
        var length = new FileInfo(path).Length;
        return length <= limits.Size ? File.ReadAllText(path, Encoding.UTF8) : throw TooLarge(limits);
    }

    internal static UnreadableException TooLarge(ReadLimits limits) =>
        new(
            $"{limits.What} is larger than {(limits.Size >= 1024 * 1024 ? $"{limits.Size >> 20} MB" : $"{limits.Size >> 10} KB")}, the most that is read. Make it smaller."
        );

    private static BoundedParser Open(string text, ReadLimits limits) =>
        text.Length <= limits.Size ? new BoundedParser(new Parser(new StringReader(text)), limits) : throw TooLarge(limits);

    private static T Guarded<T>(ReadLimits limits, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (YamlException problem)
        {
            throw new UnreadableException($"{limits.What} is not YAML, at line {problem.Start.Line}: {Short(problem.Message)}", problem);
        }
        catch (Exception problem)
            when (problem is InvalidOperationException or ArgumentException or FormatException or OverflowException or InvalidCastException)
        {
            // Some broken texts make the library itself fail.
            throw new UnreadableException($"{limits.What} is not YAML.", problem);
        }
    }

    private static string Short(string message) => message.Length > 200 ? message[..200] : message;
}
