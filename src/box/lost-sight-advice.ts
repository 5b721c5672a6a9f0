/** Where to look when Box suddenly shows less than it did: an app that has lost a right looks like an empty account. */
export const lostSightAdvice =
  'Look in the developer console and in the admin console (Integrations > Platform Apps Manager) whether the app still has the scope to read all files and folders, the App Access Level "App + Enterprise Access" where it acts as users, and the authorisation of the administrator, and whether its token still acts as the same user ("check" shows which)';
