using System.Runtime.InteropServices;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Portkey.Portal.Provisioning.Common.Reading;

/// <summary>
/// Passes a YAML parser's events on for as long as they keep to the limits. An alias counts as everything it stands for, so that what
/// a small text expands to is no larger than allowed; one inside what it stands for never ends, and is refused.
/// </summary>
internal sealed class BoundedParser(IParser events, ReadLimits limits) : IParser
{
    private readonly Stack<Frame> open = new();
    private readonly Dictionary<AnchorName, Extent> anchors = [];
    private long nodes;
    private long characters;
    private int documents;

    public ParsingEvent? Current => events.Current;

    public bool MoveNext()
    {
        if (!events.MoveNext())
        {
            return false;
        }

        Look(events.Current!);
        return true;
    }

    private void Look(ParsingEvent next)
    {
        switch (next)
        {
            case DocumentStart:
                anchors.Clear();
                Require(
                    ++documents <= limits.Documents,
                    next,
                    limits.Documents == 1
                        ? "holds several YAML documents. Leave one"
                        : $"holds more than {limits.Documents} YAML documents. Make it smaller"
                );
                break;
            case AnchorAlias alias:
                Require(limits.Aliases, next, "uses an alias. Write the value out");
                Require(
                    anchors.TryGetValue(alias.Value, out var meant),
                    next,
                    "uses an alias without an anchor before it, or inside its own anchor. Write the value out"
                );
                Key(next, isText: false);
                Add(next, meant);
                break;
            case Scalar scalar:
                Require(
                    scalar.Value.Length <= limits.Scalar,
                    next,
                    $"holds a value of more than {limits.Scalar} characters. Make it shorter"
                );
                Key(next, isText: true);
                Add(next, Keep(scalar.Anchor, new Extent(1, scalar.Value.Length, 1)));
                break;
            case NodeEvent start:
                Key(next, isText: false);
                Require(open.Count < limits.Depth, next, $"is nested deeper than {limits.Depth} levels. Make it flatter");
                Require(nodes < limits.Nodes, next, TooMany);
                nodes++;
                open.Push(new Frame(start.Anchor, start is MappingStart));
                break;
            case SequenceEnd or MappingEnd:
                var done = open.Pop();
                nodes--;
                Include(Keep(done.Anchor, new Extent(done.Nodes, done.Characters, done.Height + 1)));
                nodes++;
                break;
            default:
                break;
        }
    }

    private string TooMany => $"holds more than {limits.Nodes} values. Make it smaller";

    private void Add(ParsingEvent at, Extent what)
    {
        Require(open.Count + what.Height - 1 <= limits.Depth, at, $"is nested deeper than {limits.Depth} levels. Make it flatter");
        nodes += what.Nodes;
        characters += what.Characters;
        Require(nodes <= limits.Nodes, at, TooMany);
        Require(
            characters <= limits.Size,
            at,
            $"stands for more than {limits.Size >> 10} KB with its aliases written out. Use fewer of them"
        );
        Include(what);
    }

    private void Include(Extent what)
    {
        if (open.TryPeek(out var around))
        {
            around.Nodes += what.Nodes;
            around.Characters += what.Characters;
            around.Height = Math.Max(around.Height, what.Height);
        }
    }

    // A mapping's children come in turn: key, value. JSON, and so Kubernetes and Helm, allow only strings as keys.
    private void Key(ParsingEvent at, bool isText)
    {
        if (open.TryPeek(out var around) && around.IsMapping)
        {
            Require(isText || around.Children % 2 == 1, at, "has a key that is not plain text. Write it out");
            around.Children++;
        }
    }

    private Extent Keep(AnchorName anchor, Extent what)
    {
        if (!anchor.IsEmpty)
        {
            anchors[anchor] = what;
        }

        return what;
    }

    private void Require(bool fits, ParsingEvent at, string what)
    {
        if (!fits)
        {
            throw new UnreadableException($"{limits.What} {what} (line {at.Start.Line}).");
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Extent(long Nodes, long Characters, int Height);

    private sealed class Frame(AnchorName anchor, bool isMapping)
    {
        public AnchorName Anchor { get; } = anchor;

        public bool IsMapping { get; } = isMapping;

        public long Nodes { get; set; } = 1;

        public long Characters { get; set; }

        public int Height { get; set; }

        public int Children { get; set; }
    }
}
