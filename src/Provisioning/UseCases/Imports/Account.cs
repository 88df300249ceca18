namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>
/// Where each leaf of an imported file went. A leaf is in exactly one of the four lists: what is left out is dropped, else what is
/// understood otherwise is a correction, else a secret is named as such, else it is kept. It never holds a value of a secret.
/// </summary>
internal sealed class Account
{
    private readonly Dictionary<ValueNode, Entry> entries = new(ReferenceEqualityComparer.Instance);
    private readonly List<Correction> notes = [];
    private readonly List<Dropped> beside = [];

    /// <summary>It is in the spec now.</summary>
    /// <param name="node">Leaf, or all that is below it.</param>
    /// <param name="where">Place in the spec, such as <c>network.port</c>.</param>
    public void Keep(ValueNode? node, string where)
    {
        foreach (var entry in Of(node))
        {
            entry.Where ??= where;
        }
    }

    /// <summary>It is in the vault now.</summary>
    public void Secret(ValueNode? node, string key)
    {
        foreach (var entry in Of(node))
        {
            entry.Secret = key;
        }
    }

    /// <summary>It was understood differently from how it is written.</summary>
    public void Correct(ValueNode? node, string was, string now, string why)
    {
        foreach (var entry in Of(node))
        {
            entry.Corrections.Add(new("", was, now, why));
        }
    }

    /// <summary>It was left out.</summary>
    public void Drop(ValueNode? node, string why)
    {
        foreach (var entry in Of(node))
        {
            entry.Dropped ??= why;
        }
    }

    /// <summary>Forgets where it went; what follows records it again.</summary>
    public void Forget(ValueNode leaf) => Of(leaf).Single().Where = null;

    /// <summary>A correction of more than one leaf, or of something in no leaf.</summary>
    public void Note(Correction correction) => notes.Add(correction);

    /// <summary>Left out of something else than a leaf, such as a note in a comment.</summary>
    public void Note(Dropped dropped) => beside.Add(dropped);

    /// <summary>Whether something was said about it already.</summary>
    public bool Has(ValueNode leaf) => entries.TryGetValue(leaf, out var entry) && !entry.IsOpen;

    /// <summary>The four lists, after which every leaf is in one of them.</summary>
    /// <param name="roots">Trees of the file.</param>
    /// <param name="superseded">What later entries of the same name replaced.</param>
    /// <param name="otherwise">Why a leaf of which nothing was said is left out.</param>
    public AccountLists Finish(IReadOnlyList<ValueNode> roots, IReadOnlyList<ValueNode> superseded, Func<ValueNode, string> otherwise)
    {
        var lists = new AccountLists();
        lists.Corrections.AddRange(notes);
        lists.Dropped.AddRange(beside);
        var leaves = roots.SelectMany(r => r.Leaves()).ToList();
        var present = leaves.ToHashSet<ValueNode>(ReferenceEqualityComparer.Instance);
        var last = new Dictionary<string, ValueNode>(StringComparer.Ordinal);
        foreach (var leaf in leaves)
        {
            last.TryAdd(leaf.Path, leaf);
        }

        foreach (var old in superseded.SelectMany(s => s.Leaves()))
        {
            if (last.TryGetValue(old.Path, out var now))
            {
                Correct(now, "given twice", "given once", "The last one counts, as it does for Helm.");
            }
            else if (present.Add(old))
            {
                last[old.Path] = old;
                leaves.Add(old);
                Drop(old, "It is given again later, and the last one counts.");
            }
        }

        foreach (var leaf in leaves)
        {
            if (leaf.NamedBy is { } name && !Has(name))
            {
                var of = Of(leaf).Single();
                (Of(name).Single().Dropped, Of(name).Single().Where) = (
                    of.Dropped ?? (of.IsOpen ? otherwise(leaf) : null),
                    of.Secret is { } secret ? $"secrets.{secret}" : of.Where ?? "with its value"
                );
            }
        }

        var paths = notes.Select(n => n.Field).Concat(beside.Select(b => b.Field)).ToHashSet(StringComparer.Ordinal);
        foreach (var leaf in leaves)
        {
            Write(lists, leaf, Unique(paths, leaf.Path.Length == 0 ? "(root)" : leaf.Path), otherwise);
        }

        return lists;
    }

    private void Write(AccountLists lists, ValueNode leaf, string path, Func<ValueNode, string> otherwise)
    {
        var entry = Of(leaf).Single();
        if (entry.Dropped is not null || entry.IsOpen)
        {
            lists.Dropped.Add(new(path, entry.Dropped ?? otherwise(leaf)));
        }
        else if (entry.Corrections.Count > 0)
        {
            var all = entry.Corrections;
            lists.Corrections.Add(
                new(path, all[0].Was, all[^1].Now, string.Join(' ', all.Select(c => c.Why).Distinct(StringComparer.Ordinal)))
            );
        }
        else if (entry.Secret is not null)
        {
            lists.Secrets[path] = entry.Secret;
        }
        else
        {
            lists.Kept[path] = entry.Where!;
        }
    }

    // Two names with dots in them may come to the same path.
    private static string Unique(HashSet<string> paths, string path)
    {
        var unique = path;
        for (var n = 2; !paths.Add(unique); n++)
        {
            unique = $"{path} ({n})";
        }

        return unique;
    }

    private IEnumerable<Entry> Of(ValueNode? node)
    {
        foreach (var leaf in node?.Leaves() ?? [])
        {
            if (!entries.TryGetValue(leaf, out var entry))
            {
                entries[leaf] = entry = new Entry();
            }

            yield return entry;
        }
    }

    private sealed class Entry
    {
        public string? Where { get; set; }

        public string? Secret { get; set; }

        public string? Dropped { get; set; }

        public List<Correction> Corrections { get; } = [];

        public bool IsOpen => Where is null && Secret is null && Dropped is null && Corrections.Count == 0;
    }
}

/// <summary>The account of an import; together the lists name every leaf of the file once.</summary>
internal sealed class AccountLists
{
    /// <summary>Place in the spec by path.</summary>
    public SortedDictionary<string, string> Kept { get; } = new(StringComparer.Ordinal);

    /// <summary>What was understood differently.</summary>
    public List<Correction> Corrections { get; } = [];

    /// <summary>What was left out.</summary>
    public List<Dropped> Dropped { get; } = [];

    /// <summary>Names of secrets by path.</summary>
    public SortedDictionary<string, string> Secrets { get; } = new(StringComparer.Ordinal);
}
