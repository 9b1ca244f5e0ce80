/** Why a pattern is none; the text goes after EventBridge's "Event pattern is not valid. Reason: ". */
export class InvalidPattern extends Error {}
