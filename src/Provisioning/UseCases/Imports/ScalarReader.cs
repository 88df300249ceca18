using System.Globalization;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>Scalars of a values file, read as the place needs them; what Helm would have made of one is reported where it is something
/// else.</summary>
internal sealed class ScalarReader(Account account)
{
    /// <summary>Characters as they are written; null where there are none.</summary>
    public string? Text(ValueNode? node, string where)
    {
        if (node is null)
        {
            return null;
        }

        if (node.Kind != ValueKind.Scalar)
        {
            if (!node.IsEmpty)
            {
                account.Drop(node, "A text belongs here.");
            }

            account.Keep(node, where);
            return null;
        }

        account.Keep(node, where);
        if (node is { IsPlain: true, Text: { } plain } && HelmScalars.Printed(plain) is { } printed && printed != plain)
        {
            account.Correct(
                node,
                plain,
                plain,
                $"Without quotes Helm makes {printed} of it. The characters as they are written were taken."
            );
        }

        return string.IsNullOrEmpty(node.Text) ? null : node.Text;
    }

    /// <summary>A boolean; null where there is none.</summary>
    public bool? Flag(ValueNode? node, string where)
    {
        if (node is null || node.IsEmpty)
        {
            account.Keep(node, where);
            return null;
        }

        var flag =
            node.Kind == ValueKind.Scalar
                ? node.IsPlain
                    ? HelmScalars.Flag(node.Text!)
                    : node.Text switch
                    {
                        "true" => true,
                        "false" => false,
                        _ => null,
                    }
                : null;
        if (flag is null)
        {
            account.Drop(node, "It is neither true nor false.");
            return null;
        }

        account.Keep(node, where);
        var word = flag.Value ? "true" : "false";
        if (node.Text != word)
        {
            account.Correct(node, node.Text!, word, "As Helm reads it.");
        }
        else if (!node.IsPlain && !flag.Value)
        {
            account.Correct(node, "\"false\"", "false", "In quotes it is a text, which a template takes for true. The meaning was taken.");
        }

        return flag;
    }

    /// <summary>A whole number; null where there is none.</summary>
    public int? Number(ValueNode? node, string where)
    {
        if (node is null || node.IsEmpty)
        {
            account.Keep(node, where);
            return null;
        }

        if (node.Kind == ValueKind.Scalar && Whole(node) is { } number)
        {
            account.Keep(node, where);
            var text = number.ToString(CultureInfo.InvariantCulture);
            if (node.Text != text)
            {
                account.Correct(node, node.Text!, text, "As Helm reads it.");
            }

            return number;
        }

        account.Drop(node, "It is not a whole number.");
        return null;
    }

    private static int? Whole(ValueNode node) =>
        !node.IsPlain
            ? int.TryParse(node.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var quoted)
                ? quoted
                : null
            : HelmScalars.Number(node.Text!) is { } number && number is >= 0 and <= int.MaxValue && Math.Floor(number) == number
                ? (int)number
                : null;
}
