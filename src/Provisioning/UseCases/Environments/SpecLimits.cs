using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>
/// The limits that stand on the spec's own records. The API publishes the same attributes, so that what is published and what is checked
/// cannot differ. Lengths are judged where text is read; here are the numbers. Pure.
/// </summary>
public static class SpecLimits
{
    private static readonly ConcurrentDictionary<Type, (PropertyInfo Property, RangeAttribute? Range)[]> Known = new();

    /// <summary>Adds a problem for each number of the spec that is outside its range.</summary>
    public static void Judge(EnvironmentSpec spec, ICollection<FieldProblem> problems) => Judge(spec, "spec", problems);

    /// <summary>Range of a property of the spec's records; for a form that says it before anybody judges.</summary>
    public static RangeAttribute Of<T>(string property) =>
        typeof(T).GetProperty(property)?.GetCustomAttribute<RangeAttribute>()
        ?? throw new ArgumentException($"{typeof(T).Name}.{property} has no range.", nameof(property));

    private static void Judge(object part, string path, ICollection<FieldProblem> problems)
    {
        foreach (var (property, range) in Known.GetOrAdd(part.GetType(), Read))
        {
            var field = $"{path}.{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}";
            if (property.GetValue(part) is not { } value)
            {
                continue;
            }

            if (range is null)
            {
                Judge(value, field, problems);
            }
            else if (!range.IsValid(value))
            {
                problems.Add(new(field, range.FormatErrorMessage(property.Name)));
            }
        }
    }

    private static (PropertyInfo, RangeAttribute?)[] Read(Type type) =>
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Select(p => (p, p.GetCustomAttribute<RangeAttribute>()))
                .Where(p =>
                    p.Item2 is not null || p.p.PropertyType.Namespace == typeof(EnvironmentSpec).Namespace && p.p.PropertyType.IsClass
                ),
        ];
}
