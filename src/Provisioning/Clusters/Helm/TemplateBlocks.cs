namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>An action with what stands in it: a block has a body and maybe another for <c>else</c>.</summary>
/// <param name="Keyword"><c>if</c>, <c>with</c>, <c>range</c>, <c>define</c>, <c>block</c>, <c>template</c>; empty for an
/// expression.</param>
/// <param name="Tokens">What follows the keyword.</param>
internal sealed record TemplateNode(string Keyword, ArraySegment<ActionToken> Tokens)
{
    public List<TemplateNode> Body { get; } = [];

    public List<TemplateNode> Else { get; } = [];
}

/// <summary>Puts actions into their blocks.</summary>
internal static class TemplateBlocks
{
    private const int Deepest = 100;

    /// <summary>The blocks of a template file. Mismatched blocks are for Helm to refuse.</summary>
    /// <exception cref="TemplateTooHardException">Blocks within blocks, too deep.</exception>
    public static List<TemplateNode> Of(string text)
    {
        var root = new List<TemplateNode>();
        var open = new Stack<(TemplateNode Node, List<TemplateNode> Into, bool IsChained)>();
        var into = root;
        foreach (var action in TemplateActions.Of(text))
        {
            var word = action.Length > 0 && action[0].Kind == ActionTokenKind.Word ? action[0].Text : "";
            switch (word)
            {
                case "if" or "with" or "range" or "define" or "block":
                    into = Enter(word, new ArraySegment<ActionToken>(action)[1..], false);
                    break;
                case "else":
                    if (open.Count > 0)
                    {
                        into = open.Peek().Node.Else;
                        if (action.Length > 1)
                        {
                            into = Enter(action[1].Text, new ArraySegment<ActionToken>(action)[2..], true);
                        }
                    }

                    break;
                case "end":
                    var more = true; // 'else if' ends with the block that it belongs to
                    while (more && open.TryPop(out var closed))
                    {
                        (into, more) = (closed.Into, closed.IsChained);
                    }

                    break;
                case "template":
                    into.Add(new TemplateNode(word, new ArraySegment<ActionToken>(action)[1..]));
                    break;
                case "break" or "continue":
                    break;
                default:
                    into.Add(new TemplateNode("", action));
                    break;
            }
        }

        return root;

        List<TemplateNode> Enter(string keyword, ArraySegment<ActionToken> tokens, bool isChained)
        {
            if (open.Count >= Deepest)
            {
                throw new TemplateTooHardException();
            }

            var node = new TemplateNode(keyword, tokens);
            into.Add(node);
            open.Push((node, into, isChained));
            return node.Body;
        }
    }
}
