namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>What a chart's templates do with one place of its values; with the places below it.</summary>
internal sealed class ValueUse
{
    private readonly Dictionary<string, ValueUse> below = new(StringComparer.Ordinal);

    public ValueUse(int id) => Id = id;

    /// <summary>Unique number, so that sets of places can be compared.</summary>
    public int Id { get; }

    /// <summary>Places that templates name below it.</summary>
    public IReadOnlyDictionary<string, ValueUse> Below => below;

    /// <summary>Where it is passed on or printed as a whole, such as <c>toYaml in templates/deployment.yaml</c>; empty for
    /// nowhere.</summary>
    public string PassedOn { get; private set; } = "";

    /// <summary>Whether a template looks at the place itself.</summary>
    public bool IsRead { get; private set; }

    /// <summary>Whether a template looks at it or at anything below.</summary>
    public bool IsReached => IsRead || PassedOn.Length > 0 || below.Count > 0;

    public ValueUse? Find(string key) => below.GetValueOrDefault(key);

    public ValueUse Child(string key, Func<int> next)
    {
        if (!below.TryGetValue(key, out var child))
        {
            below[key] = child = new ValueUse(next());
        }

        return child;
    }

    public void Read() => IsRead = true;

    public void PassOn(string how)
    {
        IsRead = true;
        if (PassedOn.Length == 0)
        {
            PassedOn = how;
        }
    }
}

/// <summary>What an expression of a template may stand for, as far as a chart's values are concerned.</summary>
/// <param name="Places">Places of the values.</param>
/// <param name="Contexts">What <c>.Values</c> is of, where it is a chart's own context.</param>
/// <param name="Fields">Fields of a <c>dict</c>.</param>
/// <param name="Elements">What a <c>list</c> holds.</param>
/// <param name="Literal">Text, where it is one.</param>
internal sealed record TemplateValue(
    IReadOnlyList<ValueUse> Places,
    IReadOnlyList<ValueUse> Contexts,
    IReadOnlyDictionary<string, TemplateValue> Fields,
    TemplateValue? Elements,
    string? Literal
)
{
    private const int MostPlaces = 200;
    private static readonly Dictionary<string, TemplateValue> NoFields = [];

    /// <summary>Nothing that leads back to a value.</summary>
    public static TemplateValue None { get; } = new([], [], NoFields, null, null);

    public static TemplateValue Text(string text) => None with { Literal = text };

    public static TemplateValue Of(ValueUse place) => None with { Places = [place] };

    public static TemplateValue Context(ValueUse values) => None with { Contexts = [values] };

    /// <summary>Whether nothing of a chart's values is in it.</summary>
    public bool IsNone => Places.Count + Contexts.Count + Fields.Count == 0 && Elements is null;

    /// <summary>The same text for the same value.</summary>
    public string Key(int depth = 0) =>
        depth > 8
            ? throw new TemplateTooHardException()
            : string.Join(
                '|',
                string.Join(',', Places.Select(p => p.Id).Order()),
                string.Join(',', Contexts.Select(c => c.Id).Order()),
                string.Join(
                    ',',
                    Fields.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key.Length}:{f.Key}({f.Value.Key(depth + 1)})")
                ),
                Elements is null ? "" : $"[{Elements.Key(depth + 1)}]",
                Literal
            );

    public TemplateValue Or(TemplateValue other, int depth = 0)
    {
        if (ReferenceEquals(this, other) || other.IsNone)
        {
            return Literal == other.Literal ? this : this with { Literal = null };
        }

        if (depth > 8)
        {
            throw new TemplateTooHardException();
        }

        var (places, contexts) = (Places.Union(other.Places).ToList(), Contexts.Union(other.Contexts).ToList());
        var fields =
            Fields.Count == 0 ? other.Fields
            : other.Fields.Count == 0 ? Fields
            : Fields
                .Keys.Union(other.Fields.Keys, StringComparer.Ordinal)
                .ToDictionary(
                    k => k,
                    k =>
                        Fields.TryGetValue(k, out var a)
                            ? other.Fields.TryGetValue(k, out var b)
                                ? a.Or(b, depth + 1)
                                : a
                            : other.Fields[k],
                    StringComparer.Ordinal
                );
        return places.Count + fields.Count > MostPlaces
            ? throw new TemplateTooHardException()
            : new TemplateValue(
                places,
                contexts,
                fields,
                Elements is null ? other.Elements
                    : other.Elements is null ? Elements
                    : Elements.Or(other.Elements, depth + 1),
                Literal == other.Literal ? Literal : null
            );
    }

    /// <summary>All that is in it, at any depth.</summary>
    public IEnumerable<ValueUse> Everything() =>
        Places.Concat(Contexts).Concat(Fields.Values.SelectMany(f => f.Everything())).Concat(Elements?.Everything() ?? []);
}

/// <summary>A chart's templates are more than can be followed.</summary>
internal sealed class TemplateTooHardException : Exception;
