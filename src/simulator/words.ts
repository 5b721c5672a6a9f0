/** ASCII words that need no escaping in JSON: computed names and texts are made of them. */
export const words: readonly string[] = (
  'account action agenda amendment annual answer approval archive article asset audit balance board brief budget ' +
  'building business calendar campaign capital case change charter claim client committee company contract copy cost ' +
  'customer data decision delivery design detail development document draft effort energy engine estimate evidence ' +
  'exchange expense export feature field figure finance forecast form framework freight growth guide handbook harbour ' +
  'history import income index industry insight inspection interview inventory invoice journal launch ledger lesson ' +
  'letter licence limit list loan logistics maintenance manual margin market material meeting memo method minutes ' +
  'model network note notice objective offer office operation order outline overview package partner payment people ' +
  'plan policy portfolio practice price process product profile profit programme project proposal protocol purchase ' +
  'quality quarter question quote rate record region register release renewal report request research reserve result ' +
  'review risk roadmap safety sales sample schedule scope security service shipment standard statement station status ' +
  'stock strategy study summary supplier supply survey system target task team tender test title trade training travel ' +
  'treaty trial update valuation vendor version visit volume warehouse warranty water workshop'
).split(' ');
