using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>Quotes every string that begins like a number: Helm's YAML reads 1e3 and 0o17 as numbers, YamlDotNet does not know
/// that.</summary>
internal sealed class NumberLikeStrings(IEventEmitter next) : ChainedEventEmitter(next)
{
    public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
    {
        if (eventInfo.Source.Value is string { Length: > 0 } text && (char.IsAsciiDigit(text[0]) || text[0] is '+' or '-' or '.'))
        {
            eventInfo.Style = ScalarStyle.DoubleQuoted;
        }

        base.Emit(eventInfo, emitter);
    }
}
