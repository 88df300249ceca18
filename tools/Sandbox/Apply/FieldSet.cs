using System.Text.Json.Nodes;

namespace Portkey.Portal.Sandbox.Apply;

/// <summary>
/// A set of field paths as a tree, in the words of fieldsV1: <c>f:name</c> for a field, <c>k:{…}</c> for a list item
/// by its keys, <c>v:…</c> for a value in a set.
/// </summary>
internal sealed class FieldSet
{
    private readonly SortedDictionary<string, FieldSet> _children = new(StringComparer.Ordinal);

    /// <summary>Whether the path up to here is itself in the set.</summary>
    public bool Member { get; set; }

    public IReadOnlyDictionary<string, FieldSet> Children => _children;

    public bool IsEmpty => !Member && _children.Values.All(c => c.IsEmpty);

    public FieldSet? Child(string step) => _children.GetValueOrDefault(step);

    public FieldSet At(string step)
    {
        if (!_children.TryGetValue(step, out var child))
        {
            _children[step] = child = new FieldSet();
        }

        return child;
    }

    public bool Contains(ReadOnlySpan<string> path) => path.IsEmpty ? Member : Child(path[0]) is { } child && child.Contains(path[1..]);

    public void Add(ReadOnlySpan<string> path)
    {
        var node = this;
        foreach (var step in path)
        {
            node = node.At(step);
        }

        node.Member = true;
    }

    public FieldSet Union(FieldSet other)
    {
        var result = new FieldSet { Member = Member || other.Member };
        foreach (var step in _children.Keys.Union(other._children.Keys))
        {
            var (a, b) = (Child(step), other.Child(step));
            result._children[step] =
                a is null ? b!
                : b is null ? a
                : a.Union(b);
        }

        return result;
    }

    public FieldSet Intersect(FieldSet other)
    {
        var result = new FieldSet { Member = Member && other.Member };
        foreach (var (step, child) in _children)
        {
            if (other.Child(step) is { } theirs && child.Intersect(theirs) is { IsEmpty: false } both)
            {
                result._children[step] = both;
            }
        }

        return result;
    }

    public FieldSet Except(FieldSet other)
    {
        var result = new FieldSet { Member = Member && !other.Member };
        foreach (var (step, child) in _children)
        {
            var rest = other.Child(step) is { } theirs ? child.Except(theirs) : child;
            if (!rest.IsEmpty)
            {
                result._children[step] = rest;
            }
        }

        return result;
    }

    /// <summary>As <see cref="Except"/>, where a member of the other set takes everything below it along.</summary>
    public FieldSet ExceptBelow(FieldSet other)
    {
        var result = new FieldSet { Member = Member && !other.Member };
        foreach (var (step, child) in _children)
        {
            var theirs = other.Child(step);
            var rest =
                theirs is null ? child
                : theirs.Member ? new FieldSet()
                : child.ExceptBelow(theirs);
            if (!rest.IsEmpty)
            {
                result._children[step] = rest;
            }
        }

        return result;
    }

    public bool SameAs(FieldSet other) => Except(other).IsEmpty && other.Except(this).IsEmpty;

    /// <summary>Every path in the set.</summary>
    public IEnumerable<string[]> Paths() => Walk(this, []);

    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (Member && _children.Count > 0)
        {
            json["."] = new JsonObject();
        }

        foreach (var (step, child) in _children)
        {
            if (!child.IsEmpty)
            {
                json[step] = child.ToJson();
            }
        }

        return json;
    }

    public static FieldSet FromJson(JsonNode? node)
    {
        var set = new FieldSet();
        foreach (var (step, child) in node as JsonObject ?? [])
        {
            if (step == ".")
            {
                set.Member = true;
            }
            else
            {
                var below = FromJson(child);
                below.Member |= below._children.Count == 0;
                set._children[step] = below;
            }
        }

        return set;
    }

    private static IEnumerable<string[]> Walk(FieldSet set, string[] path)
    {
        if (set.Member)
        {
            yield return path;
        }

        foreach (var (step, child) in set._children)
        {
            foreach (var below in Walk(child, [.. path, step]))
            {
                yield return below;
            }
        }
    }
}
